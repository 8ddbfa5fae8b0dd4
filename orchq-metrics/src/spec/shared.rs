//! What a document says of labels once, for every metric: their values, their budgets, and that there are any.

use std::collections::{HashMap, HashSet};

use super::document::{Metric, Stated, What};
use super::labels::is_name;
use super::metric::differences;
use super::piece::Piece;
use super::{Checked, catalog};
use crate::finding::Finding;
use crate::nearest::{did_you_mean, nearest};
use crate::owned::{OwnedLabel, OwnedMetric, OwnedValues};

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

    /// What is wrong with what the document says of a label: it holds for some metric, or for none.
    fn stated(&self, checked: &Checked<'_>, stated: &Stated<'_>) -> Vec<Finding> {
        let Stated { name, what } = stated;
        let label = name.as_str();
        if !self.names.contains(&label) {
            return self.unknown(checked, stated).into_iter().collect();
        }
        if self.named(label).any(|(_, own)| holds(what, own)) {
            return Vec::new();
        }
        let Some((metric, own)) = self.named(label).next() else { return Vec::new() };
        let name = &metric.name;
        match (what, &own.values) {
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

    /// Closed labels whose values the document names nowhere: not at the metric, not for all, not in words.
    fn unstated(&self, checked: &Checked<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for Elsewhere { metric, label, at } in &self.elsewhere {
            let (OwnedValues::Closed(values), Some(at)) = (&label.values, at) else { continue };
            let of_label = |stated: &&Stated<'_>| stated.name.as_str() == label.name;
            let mut said = checked.document.labels.iter().filter(of_label);
            let in_words = |value: &String| {
                let is_part = |char: char| char.is_alphanumeric() || "_-.".contains(char);
                metric.help.split(|char| !is_part(char)).any(|word| word == value)
            };
            let message = format!("`{}` is one of `{}` in the contract", label.name, values.join("`, `"));
            if label.conditional || said.clone().any(|stated| holds(&stated.what, label)) || values.iter().all(in_words)
            {
                continue;
            }
            // What holds for no metric at all was found at its own place.
            let rule = if said.clone().any(|it| self.named(&label.name).any(|(_, other)| holds(&it.what, other))) {
                &catalog::VALUES_DIFFER
            } else if said.next().is_none() {
                &catalog::VALUES_UNSTATED
            } else {
                continue;
            };
            findings.push(rule.finding(&metric.name, message).at(at.at(checked.source)));
        }
        findings
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
