//! What changed between two label sets of one metric.

use super::catalog::{self, row::Row};
use super::label_pair::{self, LabelPair};
use super::{Change, conditions};
use crate::contract::owned::{OwnedLabel, OwnedValues};

/// Every difference between a metric's labels.
pub(super) fn compare(old: &[OwnedLabel], new: &[OwnedLabel]) -> Vec<Change> {
    let matching = label_pair::matching(old, new);
    let mut changes = Vec::new();
    for label in matching.removed() {
        let text = format!("label `{}` removed", label.name);
        changes.push(Change::new(&catalog::LABEL_REMOVED, text).of_label(&label.name).before(summary(label)));
    }
    let pairs = label_pair::pairs(&matching);
    for pair in &pairs {
        let name = &pair.before.name;
        changes.extend(of_pair(pair, &pairs).into_iter().map(|change| change.of_label(name)));
    }
    for label in matching.added() {
        let row = if label.conditional { &catalog::CONDITIONAL_LABEL_ADDED } else { &catalog::LABEL_ADDED };
        let text = format!("label `{}` added", label.name);
        changes.push(Change::new(row, text).of_label(&label.name).after(summary(label)));
    }
    if matching.order_changed() {
        let list = |labels: &[OwnedLabel]| joined(labels.iter().map(|label| &label.name), ", ");
        let change = Change::new(&catalog::LABEL_ORDER_CHANGED, "labels in another order");
        changes.push(change.before(list(old)).after(list(new)));
    }
    changes
}

fn of_pair(pair: &LabelPair<'_>, pairs: &[LabelPair<'_>]) -> Vec<Change> {
    let (before, after) = (pair.before, pair.after);
    let mut changes = Vec::new();
    if before.conditional != after.conditional {
        let row = if after.conditional { &catalog::LABEL_MADE_CONDITIONAL } else { &catalog::LABEL_MADE_REQUIRED };
        let presence_of = |label: &OwnedLabel| if label.conditional { "conditional" } else { "required" };
        let change = Change::new(row, format!("presence of `{}` changed", before.name));
        changes.push(change.before(presence_of(before)).after(presence_of(after)));
    } else {
        changes.extend(conditions::compare(before, after, pairs));
    }
    changes.extend(values(pair));
    changes
}

fn values(pair: &LabelPair<'_>) -> Vec<Change> {
    let change = |row: &'static Row, what: &str| Change::new(row, format!("{what} `{}`", pair.before.name));
    let with_all = |change: Change| change.before(describe(&pair.before.values)).after(describe(&pair.after.values));
    let mut changes = Vec::new();
    match (&pair.before.values, &pair.after.values) {
        (OwnedValues::Open { budget: before }, OwnedValues::Open { budget: after }) if before != after => {
            let change = match after < before {
                true => change(&catalog::BUDGET_LOWERED, "lowered budget of"),
                false => change(&catalog::BUDGET_RAISED, "raised budget of"),
            };
            changes.push(change.before(before).after(after));
        }
        (OwnedValues::Closed(_), OwnedValues::Open { .. }) => {
            changes.push(with_all(change(&catalog::VALUES_OPENED, "any value for")));
        }
        (OwnedValues::Open { .. }, OwnedValues::Closed(_)) => {
            changes.push(with_all(change(&catalog::VALUES_CLOSED, "listed values alone for")));
        }
        _ => {}
    }
    let Some(matching) = &pair.values else { return changes };
    if matching.removed().next().is_some() {
        let removed = joined(matching.removed(), "|");
        changes.push(change(&catalog::VALUE_REMOVED, "values removed from").before(removed));
    }
    if matching.added().len() > 0 {
        let added = joined(matching.added(), "|");
        changes.push(change(&catalog::VALUE_ADDED, "values added to").after(added));
    }
    if matching.order_changed() {
        changes.push(with_all(change(&catalog::VALUE_ORDER_CHANGED, "another order of values in")));
    }
    changes
}

/// A label in a few words, for one that was added or removed.
fn summary(label: &OwnedLabel) -> String {
    let presence = if label.conditional { "conditional, " } else { "" };
    format!("{presence}{}", describe(&label.values))
}

fn describe(values: &OwnedValues) -> String {
    match values {
        OwnedValues::Closed(values) => values.join("|"),
        OwnedValues::Open { budget } => format!("any of up to {budget}"),
    }
}

fn joined<'a>(texts: impl Iterator<Item = &'a String>, separator: &str) -> String {
    texts.map(String::as_str).collect::<Vec<_>>().join(separator)
}
