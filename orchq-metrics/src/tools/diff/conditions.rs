//! What changed in the condition of a conditional label.

use std::collections::BTreeSet;

use super::Change;
use super::catalog::{self, row::Row};
use super::label_pair::LabelPair;
use crate::contract::owned::{OwnedCondition, OwnedLabel, OwnedValues};

/// Whether the label is allowed on fewer series than before, on more, or on the same.
///
/// Only series that could exist before count: a condition on a new value does not affect them.
pub(super) fn compare(before: &OwnedLabel, after: &OwnedLabel, pairs: &[LabelPair<'_>]) -> Vec<Change> {
    if before.conditions == after.conditions {
        return Vec::new();
    }
    let change = |row: &'static Row, what: &str| {
        let change = Change::new(row, format!("{what} `{}`", before.name));
        change.before(describe(&before.conditions)).after(describe(&after.conditions))
    };
    let tightened = allow_more(&before.conditions, &after.conditions, pairs);
    let loosened = allow_more(&after.conditions, &before.conditions, pairs);
    let mut changes = Vec::new();
    changes.extend(tightened.then(|| change(&catalog::CONDITION_TIGHTENED, "tightened condition of")));
    changes.extend(loosened.then(|| change(&catalog::CONDITION_LOOSENED, "loosened condition of")));
    if changes.is_empty() {
        changes.push(change(&catalog::CONDITION_RESPELLED, "another spelling of the condition of"));
    }
    changes
}

/// Whether a series that could exist before and after satisfies all of these conditions, and not all of the others.
fn allow_more(conditions: &[OwnedCondition], others: &[OwnedCondition], pairs: &[LabelPair<'_>]) -> bool {
    others.iter().any(|other| match other {
        OwnedCondition::OnlyWith { label, .. } => {
            let (mine, theirs) = (allowed(conditions, label), allowed(others, label).unwrap_or_default());
            match values_in_both(label, pairs) {
                Some(values) => {
                    values.difference(&theirs).any(|value| mine.as_ref().is_none_or(|mine| mine.contains(value)))
                }
                None => mine.is_none_or(|mine| !mine.is_subset(&theirs)),
            }
        }
        OwnedCondition::NotWith { label } => {
            !conditions.contains(other) && pairs.iter().any(|pair| pair.after.name == *label)
        }
    })
}

/// The values of a label that all conditions on it allow; `None` if there is no such condition.
fn allowed<'a>(conditions: &'a [OwnedCondition], other: &str) -> Option<BTreeSet<&'a str>> {
    let sets = conditions.iter().filter_map(|condition| match condition {
        OwnedCondition::OnlyWith { label, values } if label == other => {
            Some(values.iter().map(String::as_str).collect::<BTreeSet<_>>())
        }
        _ => None,
    });
    sets.reduce(|one, other| &one & &other)
}

/// The values that a label had and has; `None` if it may have any.
fn values_in_both<'a>(label: &str, pairs: &'a [LabelPair<'_>]) -> Option<BTreeSet<&'a str>> {
    let pair = pairs.iter().find(|pair| pair.after.name == label)?;
    match (&pair.before.values, &pair.after.values, &pair.values) {
        (.., Some(matching)) => Some(matching.pairs().map(|(_, after)| after.as_str()).collect()),
        (OwnedValues::Closed(values), ..) | (_, OwnedValues::Closed(values), _) => {
            Some(values.iter().map(String::as_str).collect())
        }
        _ => None,
    }
}

fn describe(conditions: &[OwnedCondition]) -> String {
    let one = |condition: &OwnedCondition| match condition {
        OwnedCondition::OnlyWith { label, values } => format!("{label}={}", values.join("|")),
        OwnedCondition::NotWith { label } => format!("no {label}"),
    };
    match conditions {
        [] => "anywhere".to_owned(),
        conditions => conditions.iter().map(one).collect::<Vec<_>>().join(" and "),
    }
}
