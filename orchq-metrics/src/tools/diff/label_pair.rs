//! A label that is in both versions of a metric.

use super::matching::Matching;
use super::renames;
use crate::contract::owned::{OwnedLabel, OwnedValues};

/// A label that is in both label sets, under one name or under two.
pub(super) struct LabelPair<'a> {
    pub(super) before: &'a OwnedLabel,
    pub(super) after: &'a OwnedLabel,
    /// The values of both, if both are closed.
    pub(super) values: Option<Matching<'a, String>>,
}

/// Pairs old labels with the new ones that they became.
pub(super) fn matching<'a>(old: &'a [OwnedLabel], new: &'a [OwnedLabel]) -> Matching<'a, OwnedLabel> {
    Matching::by_name(old, new, |label| label.name.as_str())
        .with_renames(&[&renames::label_by_name, &renames::label_by_values])
}

/// The labels that are in both label sets.
pub(super) fn pairs<'a>(matching: &Matching<'a, OwnedLabel>) -> Vec<LabelPair<'a>> {
    let pair = |(before, after): (&'a OwnedLabel, &'a OwnedLabel)| LabelPair {
        before,
        after,
        values: match (&before.values, &after.values) {
            (OwnedValues::Closed(old), OwnedValues::Closed(new)) => {
                let named = Matching::by_name(old, new, String::as_str);
                Some(named.with_renames(&[&|before, after| renames::value_by_spelling(before, after)]))
            }
            _ => None,
        },
    };
    matching.pairs().map(pair).collect()
}
