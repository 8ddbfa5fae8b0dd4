//! The contract, made ready for a question on every line.

use std::collections::HashMap;

use crate::declare::desc::MetricKind;

use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::expose::push_stats;
use crate::tools::namespace::Namespace;
use crate::tools::scrape::{FamilyType, Format};

/// The families that this crate serves of its own.
pub(super) const OWN: [&str; 6] =
    [INFO, OVERFLOWS, VIOLATIONS, push_stats::REQUESTS, push_stats::POINTS, push_stats::LAST_SUCCESS];
pub(super) const INFO: &str = crate::expose::families::INFO;
pub(super) const OVERFLOWS: &str = crate::expose::families::OVERFLOWS;
pub(super) const VIOLATIONS: &str = crate::expose::families::VIOLATIONS;

#[derive(Debug)]
pub(super) struct Promises<'c> {
    pub(super) contract: &'c OwnedContract,
    metrics: Vec<Promise<'c>>,
    by_series: HashMap<String, usize>,
    namespace: Namespace,
}

/// One metric of the contract.
#[derive(Debug)]
pub(super) struct Promise<'c> {
    pub(super) metric: &'c OwnedMetric,
    /// Its place in the contract.
    pub(super) place: usize,
    /// The labels that every series has, as bits by their place; a label past the last bit is always looked for.
    pub(super) required: u64,
    pub(super) range: Option<(f64, f64)>,
}

impl<'c> Promises<'c> {
    pub(super) fn new(contract: &'c OwnedContract, prefixes: &[String]) -> Self {
        let mut by_series = HashMap::new();
        for (place, metric) in contract.metrics.iter().enumerate() {
            by_series.insert(metric.name.clone(), place);
            for series in metric.series_names() {
                by_series.entry(series).or_insert(place);
            }
        }
        let promise = |(place, metric): (usize, &'c OwnedMetric)| {
            let required = metric.labels.iter().enumerate().filter(|(_, label)| !label.conditional);
            let required = required.fold(0, |bits, (place, _)| bits | bit(place));
            Promise { metric, place, required, range: metric.range() }
        };
        let namespace = Namespace::new(contract, prefixes);
        Self { contract, metrics: contract.metrics.iter().enumerate().map(promise).collect(), by_series, namespace }
    }

    /// The metric that a family is, or that a series without a type belongs to.
    pub(super) fn of_family(&self, family: &str, family_type: FamilyType, format: Format) -> Option<usize> {
        let openmetrics = format == Format::OpenMetrics && family_type == FamilyType::Counter;
        // Declared with `_total`, it is that counter all the same.
        if openmetrics && !family.ends_with("_total") {
            return self.by_series.get([family, "_total"].concat().as_str()).copied();
        }
        let place = *self.by_series.get(family)?;
        let whole = self.metrics.get(place).is_some_and(|promise| promise.metric.name == family);
        (whole || family_type == FamilyType::Untyped).then_some(place)
    }

    pub(super) fn get(&self, place: usize) -> Option<&Promise<'c>> {
        self.metrics.get(place)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.metrics.iter().map(|promise| promise.metric.name.as_str())
    }

    /// Whether a name looks like one of the contract's.
    pub(super) fn claims(&self, family: &str) -> bool {
        self.namespace.claims(family) && !OWN.contains(&family)
    }
}

impl Promise<'_> {
    /// The type that the contract gives it.
    pub(super) fn family_type(&self) -> FamilyType {
        match self.metric.kind {
            MetricKind::Counter => FamilyType::Counter,
            MetricKind::Gauge => FamilyType::Gauge,
            MetricKind::Histogram => FamilyType::Histogram,
        }
    }
}

/// The bit of a label by its place; none for those past the last.
pub(super) fn bit(place: usize) -> u64 {
    u32::try_from(place).ok().and_then(|place| 1_u64.checked_shl(place)).unwrap_or_default()
}
