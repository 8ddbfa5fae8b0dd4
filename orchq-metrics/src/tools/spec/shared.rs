//! What a document says of labels once, for every metric: their values, their budgets, and that there are any.

use std::collections::{HashMap, HashSet};

use super::document::Metric;
use super::labels::is_name;
use super::metric::differences;
use super::piece::Piece;
use super::stated::{Stated, What};
use super::{Checked, catalog};
use crate::contract::owned::{OwnedLabel, OwnedMetric, OwnedValues};
use crate::contract::value;
use crate::report::finding::Finding;
use crate::report::nearest::{did_you_mean, nearest};

pub(super) fn compare(checked: &Checked<'_>, documented: &HashMap<&str, &Metric<'_>>) -> Vec<Finding> {
    let labels = Labels::of(checked, documented);
    let mut findings = Vec::new();
    for stated in &checked.document.labels {
        findings.extend(labels.stated(checked, stated));
    }
    findings.extend(labels.announced(checked));
    findings.extend(labels.unstated(checked));
    findings
}

/// A label of a metric whose values do not stand at the metric.
struct Elsewhere<'a> {
    metric: &'a OwnedMetric,
    label: &'a OwnedLabel,
    /// Where the metric's list has it.
    at: Option<Piece<'a>>,
}

struct Labels<'a> {
    /// The names of all labels of the contract, in its order.
    names: Vec<&'a str>,
    elsewhere: Vec<Elsewhere<'a>>,
    in_place: Vec<(&'a OwnedMetric, &'a OwnedLabel)>,
}

impl<'a> Labels<'a> {
    fn of(checked: &Checked<'a>, documented: &HashMap<&str, &Metric<'a>>) -> Self {
        let (mut names, mut seen) = (Vec::new(), HashSet::new());
        let (mut elsewhere, mut others) = (Vec::new(), Vec::new());
        for metric in &checked.contract.metrics {
            let entry = documented.get(metric.name.as_str());
            let lists = entry.into_iter().flat_map(|entry| entry.fields("labels"));
            let (listed, _) = super::labels::read(&lists.flat_map(|field| &field.value).copied().collect::<Vec<_>>());
            for label in &metric.labels {
                if seen.insert(label.name.as_str()) {
                    names.push(label.name.as_str());
                }
                let entry_label = listed.iter().find(|entry| entry.name.as_str() == label.name);
                let in_place = entry_label.is_some_and(|entry| entry.values.is_some());
                if entry.is_some() && !in_place {
                    elsewhere.push(Elsewhere { metric, label, at: entry_label.map(|label| label.name) });
                } else {
                    others.push((metric, label));
                }
            }
        }
        Self { names, elsewhere, in_place: others }
    }

    /// The labels of this name that a statement about all metrics is about: those whose values stand at no
    /// metric of the document, and then the others.
    fn named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = (&'a OwnedMetric, &'a OwnedLabel)> {
        let elsewhere = self.elsewhere.iter().map(|place| (place.metric, place.label));
        elsewhere.chain(self.in_place.iter().copied()).filter(move |(_, label)| label.name == name)
    }

    /// What is wrong with what the document says of a label: it holds for some metric, or for none, or not for
    /// each of those that it names.
    fn stated(&self, checked: &Checked<'_>, stated: &Stated<'_>) -> Vec<Finding> {
        let label = stated.name.as_str();
        if !self.names.contains(&label) {
            return self.unknown(checked, stated).into_iter().collect();
        }
        if !stated.of.is_empty() {
            return stated.of.iter().flat_map(|metric| of_metric(checked, stated, *metric)).collect();
        }
        let held: Vec<_> = self.named(label).filter(|(_, own)| holds(&stated.what, own)).collect();
        if held.is_empty() {
            return self.named(label).next().map(|own| differs(checked, stated, own)).unwrap_or_default();
        }
        let found: Vec<_> = held.iter().map(|own| condition_differs(checked, stated, *own)).collect();
        // Nobody knows which of them is meant, so that one is enough.
        if found.iter().any(Option::is_none) { Vec::new() } else { found.into_iter().flatten().take(1).collect() }
    }

    /// A label that no metric has: said only where no doubt is left that a label is meant.
    fn unknown(&self, checked: &Checked<'_>, stated: &Stated<'_>) -> Option<Finding> {
        let name = stated.name.as_str();
        let meant = matches!(stated.what, What::Budget(_)) || nearest(name, self.names.iter().copied()).is_some();
        meant.then(|| self.no_metric_has(checked, stated.name))
    }

    fn no_metric_has(&self, checked: &Checked<'_>, name: Piece<'_>) -> Finding {
        let instead = did_you_mean(name.as_str(), self.names.iter().copied());
        let message = format!("no metric of the contract has a label `{}`{instead}", name.as_str());
        catalog::LABEL_UNKNOWN.finding(&checked.contract.name, message).at(name.at(checked.source))
    }

    /// Names in code below an item that announces labels are labels.
    fn announced(&self, checked: &Checked<'_>) -> Vec<Finding> {
        let lines = checked.document.announced.iter();
        let words = lines.flat_map(|line| code(*line)).filter(|word| is_name(word.as_str()));
        let unknown = words.filter(|word| !self.names.contains(&word.as_str()));
        unknown.map(|word| self.no_metric_has(checked, word)).collect()
    }

    /// Labels whose values the document names nowhere: not at the metric, not for all, not in words.
    fn unstated(&self, checked: &Checked<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for Elsewhere { metric, label, at } in &self.elsewhere {
            let Some(at) = at.filter(|_| !label.conditional) else { continue };
            let said: Vec<_> = checked.document.labels.iter().filter(|it| it.name.as_str() == label.name).collect();
            // What is said of this metric by its name was compared at its own place.
            let named = said.iter().any(|it| it.of.iter().any(|of| of.as_str() == metric.name));
            if named || said.iter().any(|it| it.of.is_empty() && holds(&it.what, label)) {
                continue;
            }
            // What holds for no metric at all was found at its own place, too.
            let of_another = said.iter().any(|it| self.named(&label.name).any(|(_, other)| holds(&it.what, other)));
            let (rule, message) = match &label.values {
                OwnedValues::Closed(values) if !in_words(metric, values) && (of_another || said.is_empty()) => {
                    let rule = if of_another { &catalog::VALUES_DIFFER } else { &catalog::VALUES_UNSTATED };
                    (rule, format!("`{}` is one of `{}` in the contract", label.name, values.join("`, `")))
                }
                OwnedValues::Open { budget } if of_another => {
                    let message = "has a budget in the document that is another metric's, and here in the contract";
                    (&catalog::BUDGET_DIFFERS, format!("`{}` {message} {budget}", label.name))
                }
                _ => continue,
            };
            findings.push(rule.finding(&metric.name, message).at(at.at(checked.source)));
        }
        findings
    }
}

/// Whether the metric's description has all of these values.
fn in_words(metric: &OwnedMetric, values: &[String]) -> bool {
    let is_part = |char: char| char.is_alphanumeric() || "_-.".contains(char);
    values.iter().all(|value| metric.help.split(|char| !is_part(char)).any(|word| word == value))
}

/// What is wrong with what the document says of a label of this metric.
fn of_metric(checked: &Checked<'_>, stated: &Stated<'_>, name: Piece<'_>) -> Vec<Finding> {
    let Some(metric) = checked.contract.metric(name.as_str()) else { return vec![checked.unknown(name)] };
    let Some(label) = metric.label(stated.name.as_str()) else {
        let names = metric.labels.iter().map(|label| label.name.as_str());
        let label = stated.name.as_str();
        let message = format!("the metric has no label `{label}`{}", did_you_mean(label, names));
        return vec![catalog::LABEL_UNKNOWN.finding(&metric.name, message).at(name.at(checked.source))];
    };
    let own = (metric, label);
    if !holds(&stated.what, label) {
        return differs(checked, stated, own);
    }
    condition_differs(checked, stated, own).into_iter().collect()
}

fn condition_differs(
    checked: &Checked<'_>,
    stated: &Stated<'_>,
    (metric, label): (&OwnedMetric, &OwnedLabel),
) -> Option<Finding> {
    let when = stated.when.as_ref()?;
    let said: HashSet<_> = when.conditions.iter().map(|condition| condition.as_str().to_owned()).collect();
    let known: Vec<_> = value::conditions(label).collect();
    if said == known.iter().cloned().collect() {
        return None;
    }
    let contract =
        if known.is_empty() { "knows no condition".to_owned() } else { format!("says {}", known.join(", ")) };
    let document = when.conditions.iter().map(|condition| condition.as_str()).collect::<Vec<_>>().join(", ");
    let document = if document.is_empty() { "names no condition".to_owned() } else { format!("says {document}") };
    let message = format!("the document {document} of `{}`, and the contract {contract}", label.name);
    let place = when.conditions.first().copied().unwrap_or(when.applies);
    Some(catalog::CONDITION_DIFFERS.finding(&metric.name, message).at(place.at(checked.source)))
}

/// What is wrong with values that do not hold for a label.
fn differs(checked: &Checked<'_>, stated: &Stated<'_>, (metric, own): (&OwnedMetric, &OwnedLabel)) -> Vec<Finding> {
    let (label, name) = (stated.name.as_str(), &metric.name);
    match (&stated.what, &own.values) {
        (What::Closed(listed), OwnedValues::Closed(values)) => {
            let finding = |(at, message): (Piece<'_>, String)| {
                catalog::VALUES_DIFFER.finding(name, message).at(at.at(checked.source))
            };
            differences(label, listed, values).into_iter().map(finding).collect()
        }
        (What::Closed(listed), OwnedValues::Open { .. }) => {
            let message = format!("the document lists values of `{label}`, which is open in the contract");
            vec![catalog::VALUES_DIFFER.finding(name, message).at(listed.all.at(checked.source))]
        }
        (What::Budget(budget), values) => {
            let contract = match values {
                OwnedValues::Open { budget } => format!("has a budget of {budget} for it"),
                OwnedValues::Closed(_) => "lists its values".to_owned(),
            };
            let message =
                format!("the document gives `{label}` the budget {}, and the contract {contract}", budget.as_str());
            vec![catalog::BUDGET_DIFFERS.finding(name, message).at(budget.at(checked.source))]
        }
    }
}

fn holds(what: &What<'_>, label: &OwnedLabel) -> bool {
    match (what, &label.values) {
        (What::Closed(listed), OwnedValues::Closed(values)) => differences(&label.name, listed, values).is_empty(),
        (What::Budget(stated), OwnedValues::Open { budget }) => stated.as_str() == budget.to_string(),
        _ => false,
    }
}

/// What stands between backticks.
fn code(line: Piece<'_>) -> Vec<Piece<'_>> {
    let (mut words, mut rest) = (Vec::new(), line);
    while let Some((_, opened)) = rest.split_once('`') {
        let Some((word, after)) = opened.split_once('`') else { break };
        words.push(word);
        rest = after;
    }
    words
}
