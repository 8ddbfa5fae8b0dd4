//! The contract as a collector of the `prometheus` crate.

use std::collections::HashMap;

use prometheus::core::{Collector, Desc};
use prometheus::{Registry, proto};

use crate::contract::Contract;
use crate::declare::desc::MetricKind;
use crate::emit::recorders::Recorders;
use crate::expose::families::{self, FamilyData, LabelPair, SeriesData, Value};
use crate::store;

impl Contract {
    /// Registers the whole contract as one collector, so that existing encoders, push gateways and the default
    /// registry serve it. Needs the feature `prometheus`, which is on by default.
    ///
    /// The families are those of [`text::encode`](crate::text::encode). A metric that another library emits
    /// (`#[emits(extern ..)]`) is left to the collector that the library registers. A registry with a prefix or with
    /// labels of its own changes the names or label sets that the contract promises.
    ///
    /// # Errors
    ///
    /// Those of [`Registry::register`]: the registry already has this contract, or another collector, such as another
    /// contract's, has one of its names.
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
        // The constant labels identify the contract, so that two can share a registry. Families that all contracts
        // have are collected without being described.
        let identity = families::info_labels(contract).map(|(name, value)| (name.to_owned(), value.into_owned()));
        let help = families::INFO_HELP.to_owned();
        let mut descs = vec![Desc::new(families::INFO.to_owned(), help, Vec::new(), HashMap::from(identity))?];
        for family in contract.families().filter(|family| !Recorders::linked().has_another_library(*family)) {
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
        let shards = store::all_shards();
        let families = families::served(&[self.contract]).into_iter().map(|served| served.gather(&shards));
        // The `prometheus` crate cannot encode a family without a series.
        let families = families.filter(|family| !family.series.is_empty());
        families.chain(families::own(&[self.contract])).map(family).collect()
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
    match (series.value, kind) {
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

fn label_pair((name, value): LabelPair) -> proto::LabelPair {
    let mut pair = proto::LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.into_owned());
    pair
}
