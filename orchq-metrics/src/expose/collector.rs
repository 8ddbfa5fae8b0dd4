//! The contract as a collector of the `prometheus` crate.

use std::borrow::Cow;
use std::collections::HashMap;

use prometheus::core::{Collector, Desc};
use prometheus::{Registry, proto};

use crate::contract::Contract;
use crate::declare::desc::MetricKind;
use crate::emit::site;
use crate::expose::families::{self, FamilyData, SeriesData, Value};

impl Contract {
    /// Registers the whole contract as one collector, so that existing encoders,
    /// push gateways and the default registry serve it.
    ///
    /// The families are those of [`text::encode`](crate::text::encode). A metric that another library
    /// emits (`#[emits(extern ..)]`) is left to the collector that library registers.
    /// A registry made with a prefix or with labels of its own changes the names or
    /// label sets that the contract promises.
    ///
    /// # Errors
    ///
    /// What [`Registry::register`] returns: the registry holds this contract already, or another
    /// collector, such as another contract's, claims one of its names.
    ///
    /// ```
    /// let registry = prometheus::Registry::new();
    /// orchq_metrics::v1::CONTRACT.register(&registry)?;
    /// assert!(registry.gather().iter().any(|family| family.name() == "orchq_metrics_contract_info"));
    /// # Ok::<(), prometheus::Error>(())
    /// ```
    pub fn register(&'static self, registry: &Registry) -> prometheus::Result<()> {
        registry.register(Box::new(ContractCollector::new(self)?))
    }
}

struct ContractCollector {
    contract: &'static Contract,
    descs: Vec<Desc>,
}

impl ContractCollector {
    fn new(contract: &'static Contract) -> prometheus::Result<Self> {
        // The identity is told by constant labels, so that two contracts can share a
        // registry; families common to all contracts are collected without a claim.
        let identity = families::info_labels(contract).map(|(name, value)| (name.to_owned(), value.into_owned()));
        let help = families::INFO_HELP.to_owned();
        let mut descs = vec![Desc::new(families::INFO.to_owned(), help, Vec::new(), HashMap::from(identity))?];
        for family in contract.families().filter(|family| !site::recorded_elsewhere(*family)) {
            let desc = family.desc();
            let labels = desc.labels.iter().map(|label| label.name.to_owned()).collect();
            descs.push(Desc::new(desc.name.to_owned(), desc.help.to_owned(), labels, HashMap::new())?);
        }
        Ok(Self { contract, descs })
    }
}

impl Collector for ContractCollector {
    fn desc(&self) -> Vec<&Desc> {
        self.descs.iter().collect()
    }

    fn collect(&self) -> Vec<proto::MetricFamily> {
        families::gather(&[self.contract]).into_iter().map(family).collect()
    }
}

fn family(data: FamilyData) -> proto::MetricFamily {
    let FamilyData { name, help, kind, buckets, series } = data;
    let mut family = proto::MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(match kind {
        MetricKind::Counter => proto::MetricType::COUNTER,
        MetricKind::Gauge => proto::MetricType::GAUGE,
        MetricKind::Histogram => proto::MetricType::HISTOGRAM,
    });
    family.set_metric(series.into_iter().map(|series| metric(series, kind, buckets)).collect());
    family
}

fn metric(series: SeriesData, kind: MetricKind, buckets: &[f64]) -> proto::Metric {
    let mut metric = proto::Metric::from_label(series.labels.into_iter().map(label_pair).collect());
    let number = match series.value {
        Value::Integer(n) => n as f64,
        Value::Float(n) => n,
        Value::Histogram { counts, sum } => {
            metric.set_histogram(histogram(&counts, sum, buckets));
            return metric;
        }
    };
    if kind == MetricKind::Counter {
        let mut counter = proto::Counter::default();
        counter.set_value(number);
        metric.set_counter(counter);
    } else {
        let mut gauge = proto::Gauge::default();
        gauge.set_value(number);
        metric.set_gauge(gauge);
    }
    metric
}

fn histogram(counts: &[u64], sum: f64, bounds: &[f64]) -> proto::Histogram {
    let mut histogram = proto::Histogram::default();
    let mut total = 0;
    let mut buckets = Vec::with_capacity(counts.len());
    for (bound, count) in bounds.iter().copied().chain([f64::INFINITY]).zip(counts) {
        total += count;
        let mut bucket = proto::Bucket::default();
        bucket.set_upper_bound(bound);
        bucket.set_cumulative_count(total);
        buckets.push(bucket);
    }
    // The encoder adds `+Inf` by itself and, given one, spells it in a way of its own.
    buckets.pop();
    histogram.set_bucket(buckets);
    histogram.set_sample_count(total);
    histogram.set_sample_sum(sum);
    histogram
}

fn label_pair((name, value): (&str, Cow<'_, str>)) -> proto::LabelPair {
    let mut pair = proto::LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.into_owned());
    pair
}
