//! A label that is in both versions of a metric.

use super::matching::Matching;
use crate::contract::owned::{OwnedLabel, OwnedValues};

/// A label that is in both label sets.
pub(super) struct LabelPair<'a> {
    pub(super) before: &'a OwnedLabel,
    pub(super) after: &'a OwnedLabel,
    /// The values of both, if both are closed.
    pub(super) values: Option<Matching<'a, String>>,
}

/// Pairs old labels with the new ones of the same name.
pub(super) fn matching<'a>(old: &'a [OwnedLabel], new: &'a [OwnedLabel]) -> Matching<'a, OwnedLabel> {
    Matching::by_name(old, new, |label| label.name.as_str())
}

/// The labels that are in both label sets.
pub(super) fn pairs<'a>(matching: &Matching<'a, OwnedLabel>) -> Vec<LabelPair<'a>> {
    let pair = |(before, after): (&'a OwnedLabel, &'a OwnedLabel)| LabelPair {
        before,
        after,
        values: match (&before.values, &after.values) {
            (OwnedValues::Closed(old), OwnedValues::Closed(new)) => Some(Matching::by_name(old, new, String::as_str)),
            _ => None,
        },
    };
    matching.pairs().map(pair).collect()
}
