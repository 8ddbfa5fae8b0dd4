//! What an adopted collector has.

use std::panic::Location;

use crate::emit::metric_ref::FamilyId;

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
    pub(crate) fn all(&self) -> impl Iterator<Item = &String> + Clone {
        self.variable.iter().chain(&self.constant)
    }
}
