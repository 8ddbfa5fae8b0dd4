//! Reads what a collector of the `prometheus` crate collected.

use prometheus::proto::{self, MetricFamily, MetricType};

use super::collector::LabelNames;
use crate::declare::desc::{MetricDesc, MetricKind};
use crate::declare::label::LabelValues;
use crate::declare::unit::Violation;

/// The type as the exposition spells it.
pub(super) fn kind(family: &MetricFamily) -> String {
    format!("{:?}", family.get_field_type()).to_lowercase()
}

/// Whether a series shows that something was recorded. A counter or a histogram at zero was only made; a level of zero
/// may have been set, but only the series of a vector were made by the code that records.
pub(super) fn is_hit(family: &MetricFamily, is_vector: bool) -> bool {
    let kind = family.get_field_type();
    family.get_metric().iter().any(|series| match kind {
        MetricType::COUNTER => counter(series) > 0.0,
        MetricType::GAUGE => gauge(series) != 0.0 || (is_vector && !series.get_label().is_empty()),
        MetricType::HISTOGRAM => series.get_histogram().get_sample_count() > 0,
        _ => false,
    })
}

/// The label names of its series, where the collector describes none.
pub(super) fn label_names(family: &MetricFamily) -> impl Iterator<Item = LabelNames> {
    family.get_metric().iter().map(|series| LabelNames {
        variable: series.get_label().iter().map(|pair| pair.name().to_owned()).collect(),
        constant: Vec::new(),
        described: false,
    })
}

/// The upper bounds of its histograms, `+Inf` left out.
pub(super) fn buckets(family: &MetricFamily) -> impl Iterator<Item = Vec<f64>> {
    let histograms = family.get_metric().iter().filter(|_| family.get_field_type() == MetricType::HISTOGRAM);
    histograms.map(bounds)
}

fn bounds(series: &proto::Metric) -> Vec<f64> {
    let bounds = series.get_histogram().get_bucket().iter().map(|bucket| bucket.upper_bound());
    bounds.filter(|bound| *bound != f64::INFINITY).collect()
}

/// What is wrong in the series of a family that a collector has under the name of a metric.
pub(super) fn violations(desc: &MetricDesc, family: &MetricFamily) -> Vec<Violation> {
    let is_of_kind = family.get_field_type() == metric_type(desc.kind);
    let mut found = Vec::new();
    for series in family.get_metric() {
        wrong_labels(desc, series, &mut found);
        if is_of_kind {
            wrong_value(desc, series, &mut found);
        } else {
            found.push(Violation::WrongKind);
        }
    }
    found
}

fn metric_type(kind: MetricKind) -> MetricType {
    match kind {
        MetricKind::Counter => MetricType::COUNTER,
        MetricKind::Gauge => MetricType::GAUGE,
        MetricKind::Histogram => MetricType::HISTOGRAM,
    }
}

fn wrong_labels(desc: &MetricDesc, series: &proto::Metric, found: &mut Vec<Violation>) {
    // To Prometheus, an empty label is an absent one.
    let labels = || series.get_label().iter().filter(|pair| !pair.value().is_empty());
    let is_unknown = |pair: &proto::LabelPair| desc.labels.iter().all(|label| label.name != pair.name());
    let mut differ = labels().any(is_unknown);
    for label in desc.labels {
        match (labels().find(|pair| pair.name() == label.name), label.values) {
            (None, _) => differ |= !label.conditional,
            (Some(pair), LabelValues::Closed(values)) if !values.contains(&pair.value()) => {
                found.push(Violation::UnknownValue);
            }
            _ => {}
        }
    }
    found.extend(differ.then_some(Violation::WrongLabels));
}

fn wrong_value(desc: &MetricDesc, series: &proto::Metric, found: &mut Vec<Violation>) {
    match desc.kind {
        MetricKind::Counter => {
            let value = counter(series);
            let is_negative = (value < 0.0).then_some(Violation::Negative);
            found.extend(is_negative.or_else(|| Violation::find(value, desc.range())));
        }
        MetricKind::Gauge => found.extend(Violation::find(gauge(series), desc.range())),
        MetricKind::Histogram => {
            let histogram = series.get_histogram();
            let count = histogram.get_sample_count();
            // Each observation is out of the range where the mean is, or one of them is.
            if count > 0 {
                found.extend(Violation::find(histogram.get_sample_sum() / count as f64, desc.range()));
            }
            found.extend((bounds(series) != desc.buckets).then_some(Violation::WrongBuckets));
        }
    }
}

fn counter(series: &proto::Metric) -> f64 {
    series.get_counter().value()
}

fn gauge(series: &proto::Metric) -> f64 {
    series.get_gauge().value()
}

/// The value of a counter or a gauge. With its feature `protobuf`, the `prometheus` crate has only `value`, and
/// without it only `get_value`: what it has is found first, and the other of these traits is not used.
#[allow(dead_code, reason = "see above: only one of the two is used")]
trait WithoutProtobuf {
    fn value(&self) -> f64;
}

#[allow(dead_code, reason = "see above: only one of the two is used")]
trait WithProtobuf {
    fn get_value(&self) -> f64;
}

macro_rules! numbers {
    ($($type:ty)*) => {$(
        impl WithoutProtobuf for $type {
            fn value(&self) -> f64 {
                self.get_value()
            }
        }

        impl WithProtobuf for $type {
            fn get_value(&self) -> f64 {
                self.value()
            }
        }
    )*};
}

numbers!(proto::Counter proto::Gauge);
