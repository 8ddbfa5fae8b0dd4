//! The contract, prepared for a lookup on every line.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::declare::desc::MetricKind;
use crate::expose::own::OWN;
use crate::tools::namespace::Namespace;
use crate::tools::scrape::{FamilyType, Format};

#[derive(Debug)]
pub(super) struct Expectations<'c> {
    pub(super) contract: &'c OwnedContract,
    pub(super) metrics: Vec<Expectation<'c>>,
    by_series: HashMap<String, usize>,
    namespace: Namespace,
}

/// What is expected of one metric of the contract.
#[derive(Debug)]
pub(super) struct Expectation<'c> {
    pub(super) metric: &'c OwnedMetric,
    /// Its index in the contract.
    pub(super) index: usize,
    /// The labels of every series, as bits by their index; labels past the last bit are always looked for.
    pub(super) required: u64,
    pub(super) range: Option<(f64, f64)>,
    pub(super) family_type: FamilyType,
}

impl<'c> Expectations<'c> {
    pub(super) fn new(contract: &'c OwnedContract, prefixes: &[String]) -> Self {
        let mut by_series = HashMap::new();
        for (index, metric) in contract.metrics.iter().enumerate() {
            by_series.insert(metric.name.clone(), index);
            by_series.extend(metric.renamed_from.iter().map(|old| (old.name.clone(), index)));
            for series in metric.series_names() {
                by_series.entry(series).or_insert(index);
            }
        }
        let expectation = |(index, metric): (usize, &'c OwnedMetric)| {
            let required = metric.labels.iter().enumerate().filter(|(_, label)| !label.conditional);
            let required = required.fold(0, |bits, (index, _)| bits | bit(index));
            let family_type = match metric.kind {
                MetricKind::Counter => FamilyType::Counter,
                MetricKind::Gauge => FamilyType::Gauge,
                MetricKind::Histogram => FamilyType::Histogram,
            };
            Expectation { metric, index, required, range: metric.range(), family_type }
        };
        let metrics = contract.metrics.iter().enumerate().map(expectation).collect();
        Self { contract, metrics, by_series, namespace: Namespace::new(contract, prefixes) }
    }

    /// The metric of a family, or of a series without a type.
    pub(super) fn of_family(&self, family: &str, family_type: FamilyType, format: Format) -> Option<usize> {
        let openmetrics = format == Format::OpenMetrics && family_type == FamilyType::Counter;
        // A family that is declared with `_total` is still that counter.
        if openmetrics && !family.ends_with("_total") {
            return self.by_series.get([family, "_total"].concat().as_str()).copied();
        }
        let index = *self.by_series.get(family)?;
        let whole = self.metrics.get(index).is_some_and(|expectation| expectation.metric.serves(family));
        (whole || family_type == FamilyType::Untyped).then_some(index)
    }

    /// The metric that is served under a name, and its help text there.
    pub(super) fn help(&self, name: &str) -> Option<(&'c OwnedMetric, Cow<'c, str>)> {
        let metric = self.metrics.get(*self.by_series.get(name)?)?.metric;
        metric.served_names().find(|(served, _)| *served == name).map(|(_, help)| (metric, help))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.metrics.iter().map(|expectation| expectation.metric.name.as_str())
    }

    /// Whether a name begins like the contract's names.
    pub(super) fn claims(&self, family: &str) -> bool {
        self.namespace.claims(family) && !is_own(family)
    }
}

/// Whether this library serves a family about itself.
pub(super) fn is_own(family: &str) -> bool {
    OWN.iter().any(|own| own.name == family)
}

/// The bit of a label by its index; none for those past the last.
pub(super) fn bit(index: usize) -> u64 {
    u32::try_from(index).ok().and_then(|index| 1_u64.checked_shl(index)).unwrap_or_default()
}
