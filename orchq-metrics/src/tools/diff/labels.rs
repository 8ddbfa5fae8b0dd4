//! What changed between two label sets of one metric.

use super::catalog::{self, row::Row};
use super::label_pair::{self, LabelPair};
use super::matching::Matching;
use super::{Change, conditions};
use crate::contract::owned::{OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;

/// Every difference between a metric's labels; the metric is the new one.
pub(super) fn compare(metric: &OwnedMetric, old: &[OwnedLabel], new: &[OwnedLabel]) -> Vec<Change> {
    let matching = label_pair::matching(old, new);
    let mut changes = Vec::new();
    for label in matching.removed() {
        let text = format!("label `{}` removed", label.name);
        changes.push(Change::new(&catalog::LABEL_REMOVED, text).of_label(&label.name).before(summary(label)));
    }
    let pairs = label_pair::pairs(&matching);
    for pair in &pairs {
        let name = &pair.before.name;
        changes.extend(of_pair(metric, pair, &pairs).into_iter().map(|change| change.of_label(name)));
    }
    for label in matching.added() {
        let row = if label.conditional { &catalog::CONDITIONAL_LABEL_ADDED } else { &catalog::LABEL_ADDED };
        let text = format!("label `{}` added", label.name);
        changes.push(Change::new(row, text).of_label(&label.name).after(summary(label)));
    }
    if matching.order_changed() {
        let list = |labels: &[OwnedLabel]| joined(labels.iter().map(|label| label.name.as_str()), ", ");
        let change = Change::new(&catalog::LABEL_ORDER_CHANGED, "labels in another order");
        changes.push(change.before(list(old)).after(list(new)));
    }
    changes
}

fn of_pair(metric: &OwnedMetric, pair: &LabelPair<'_>, pairs: &[LabelPair<'_>]) -> Vec<Change> {
    let (before, after) = (pair.before, pair.after);
    let mut changes = Vec::new();
    if before.name != after.name {
        let change = Change::new(&catalog::LABEL_RENAMED, "label renamed").before(&before.name).after(&after.name);
        changes.push(change.help(relabel(metric, before, after)));
    }
    if before.conditional != after.conditional {
        let (row, said) = if after.conditional {
            (&catalog::LABEL_MADE_CONDITIONAL, ["required", "conditional"])
        } else {
            (&catalog::LABEL_MADE_REQUIRED, ["conditional", "required"])
        };
        changes.push(Change::new(row, format!("presence of `{}` changed", before.name)).before(said[0]).after(said[1]));
    } else {
        changes.extend(conditions::compare(before, after, pairs));
    }
    changes.extend(values(pair));
    changes
}

/// A relabelling that copies the new label to its old name.
fn relabel(metric: &OwnedMetric, before: &OwnedLabel, after: &OwnedLabel) -> String {
    let suffix = if metric.kind == MetricKind::Histogram { "(?:_bucket|_sum|_count)" } else { "" };
    format!(
        "until every consumer reads `{}`, copy it to `{}` at the scrape: `metric_relabel_configs: [{{source_labels: \
         [__name__, {}], regex: '{}{suffix};(.+)', target_label: {}}}]`",
        after.name, before.name, after.name, metric.name, before.name,
    )
}

fn values(pair: &LabelPair<'_>) -> Vec<Change> {
    let name = &pair.before.name;
    let change = |row: &'static Row, what: &str| Change::new(row, format!("{what} `{name}`"));
    let said = |change: Change| change.before(describe(&pair.before.values)).after(describe(&pair.after.values));
    match (&pair.before.values, &pair.after.values) {
        (OwnedValues::Open { budget: before }, OwnedValues::Open { budget: after }) if before != after => {
            let (row, what) = if after < before {
                (&catalog::BUDGET_LOWERED, "lowered budget of")
            } else {
                (&catalog::BUDGET_RAISED, "raised budget of")
            };
            vec![change(row, what).before(before).after(after)]
        }
        (OwnedValues::Closed(_), OwnedValues::Open { .. }) => {
            vec![said(change(&catalog::VALUES_OPENED, "any value for"))]
        }
        (OwnedValues::Open { .. }, OwnedValues::Closed(_)) => {
            vec![said(change(&catalog::VALUES_CLOSED, "listed values alone for"))]
        }
        _ => pair.values.as_ref().map(|matching| closed_values(matching, &change, &said)).unwrap_or_default(),
    }
}

fn closed_values(
    matching: &Matching<'_, String>,
    change: &impl Fn(&'static Row, &str) -> Change,
    said: &impl Fn(Change) -> Change,
) -> Vec<Change> {
    let mut changes = Vec::new();
    if matching.removed().next().is_some() {
        let removed = joined(matching.removed().map(String::as_str), "|");
        changes.push(change(&catalog::VALUE_REMOVED, "values removed from").before(removed));
    }
    for (before, after) in matching.pairs().filter(|(before, after)| before != after) {
        changes.push(change(&catalog::VALUE_RENAMED, "value renamed in").before(before).after(after));
    }
    if matching.added().len() > 0 {
        let added = joined(matching.added().map(String::as_str), "|");
        changes.push(change(&catalog::VALUE_ADDED, "values added to").after(added));
    }
    if matching.order_changed() {
        changes.push(said(change(&catalog::VALUE_ORDER_CHANGED, "another order of values in")));
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
        OwnedValues::Closed(values) => joined(values.iter().map(String::as_str), "|"),
        OwnedValues::Open { budget } => format!("any of up to {budget}"),
    }
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>, separator: &str) -> String {
    texts.collect::<Vec<_>>().join(separator)
}
