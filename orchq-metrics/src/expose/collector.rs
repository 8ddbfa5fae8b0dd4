//! Families as those of the `prometheus` crate.

use prometheus::proto;

use crate::contract::Contract;
use crate::declare::desc::MetricKind;
use crate::expose::families::{self, FamilyData, Value};
use crate::store;

/// Everything that these contracts serve now, with constant labels.
pub(super) fn collect<'c>(
    contracts: &[&Contract],
    constant: &(impl Iterator<Item = (&'c str, &'c str)> + Clone),
) -> Vec<proto::MetricFamily> {
    families::begin(contracts);
    let shards = store::all_shards();
    let families = families::served(contracts).into_iter().map(|served| served.gather(&shards));
    // The `prometheus` crate cannot encode a family without a series.
    let families: Vec<_> = families.filter(|family| !family.series.is_empty()).collect();
    families.into_iter().chain(families::own(contracts)).map(|data| family(data, constant)).collect()
}

fn family<'c>(data: FamilyData, constant: &(impl Iterator<Item = (&'c str, &'c str)> + Clone)) -> proto::MetricFamily {
    let FamilyData { name, help, kind, buckets, series } = data;
    let mut family = proto::MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.into_owned());
    family.set_field_type(match kind {
        MetricKind::Counter => proto::MetricType::COUNTER,
        MetricKind::Gauge => proto::MetricType::GAUGE,
        MetricKind::Histogram => proto::MetricType::HISTOGRAM,
    });
    let metrics = series.into_iter().map(|series| {
        let is_free = |(name, _): &(&str, &str)| series.labels.iter().all(|(own, _)| own != name);
        let constant = constant.clone().filter(is_free).map(|(name, value)| label_pair(name, value.to_owned()));
        let own = series.labels.iter().map(|(name, value)| label_pair(name, value.clone().into_owned()));
        metric(constant.chain(own).collect(), series.value, kind, buckets)
    });
    family.set_metric(metrics.collect());
    family
}

fn metric(labels: Vec<proto::LabelPair>, value: Value, kind: MetricKind, buckets: &[f64]) -> proto::Metric {
    let mut metric = proto::Metric::from_label(labels);
    match (value, kind) {
        (Value::Histogram { counts, sum }, _) => metric.set_histogram(histogram(&counts, sum, buckets)),
        (value, MetricKind::Counter) => {
            let mut counter = proto::Counter::default();
            counter.set_value(value.number());
            metric.set_counter(counter);
        }
        (value, _) => {
            let mut gauge = proto::Gauge::default();
            gauge.set_value(value.number());
            metric.set_gauge(gauge);
        }
    }
    metric
}

fn histogram(counts: &[u64], sum: f64, bounds: &[f64]) -> proto::Histogram {
    let mut histogram = proto::Histogram::default();
    let mut total = 0;
    // Without the last, which the encoder adds itself and, if given one, spells differently.
    let buckets = bounds.iter().zip(counts).map(|(bound, count)| {
        total += count;
        let mut bucket = proto::Bucket::default();
        bucket.set_upper_bound(*bound);
        bucket.set_cumulative_count(total);
        bucket
    });
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(counts.iter().sum());
    histogram.set_sample_sum(sum);
    histogram
}

fn label_pair(name: &str, value: String) -> proto::LabelPair {
    let mut pair = proto::LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value);
    pair
}
