//! Collectors of the `prometheus` crate that were adopted for metrics: what they have, for the self-check, and what
//! is wrong in their series, for each scrape.

#[cfg(feature = "prometheus")]
mod adopted;
#[cfg(feature = "prometheus")]
mod read;

use std::panic::Location;

use crate::contract::Contract;
use crate::emit::metric_ref::FamilyId;
use crate::store::AnyFamily;

/// What a collector that was adopted for a metric has under the metric's name.
pub(crate) struct AdoptedCollector {
    /// The metric's name.
    pub(crate) metric: &'static str,
    /// The metric itself.
    pub(crate) family: FamilyId,
    /// Where it was adopted.
    pub(crate) adopted_at: &'static Location<'static>,
    /// The label sets under the metric's name.
    pub(crate) label_sets: Vec<LabelNames>,
    /// The names of all families that it has.
    pub(crate) names: Vec<String>,
    /// The types of what it collected, as the exposition spells them.
    pub(crate) kinds: Vec<String>,
    /// The bounds of the histograms that it collected, each list once.
    pub(crate) buckets: Vec<Vec<f64>>,
    /// The panic that ended collecting.
    pub(crate) panic: Option<String>,
    /// Whether a collector of the metric shows now, or has shown, that something was recorded.
    pub(crate) hit: bool,
}

/// The names of the labels of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LabelNames {
    /// Those whose values vary, in the order in which `with_label_values` takes the values.
    pub(crate) variable: Vec<String>,
    /// Those that have one value in all series.
    pub(crate) constant: Vec<String>,
    /// Whether the collector describes them, so that their order means something.
    pub(crate) described: bool,
}

impl LabelNames {
    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.variable.iter().chain(&self.constant).map(String::as_str)
    }
}

/// The collectors that were adopted with a contract. `None` if nothing can be adopted in this build.
#[cfg(feature = "prometheus")]
pub(crate) fn adopted_for(contract: &Contract) -> Option<Vec<AdoptedCollector>> {
    Some(adopted::inspect(contract))
}

#[cfg(not(feature = "prometheus"))]
pub(crate) fn adopted_for(_: &Contract) -> Option<Vec<AdoptedCollector>> {
    None
}

/// Collects each adopted collector of these contracts once, and counts the violations in its series.
pub(crate) fn count_violations(families: impl Iterator<Item = &'static dyn AnyFamily>) {
    #[cfg(feature = "prometheus")]
    adopted::count_violations(families);
    #[cfg(not(feature = "prometheus"))]
    drop(families);
}

/// Whether a collector was adopted for this family.
#[cfg(feature = "prometheus")]
pub(crate) fn has_collector(family: &dyn AnyFamily) -> bool {
    adopted::has_collector(FamilyId::new(family))
}
