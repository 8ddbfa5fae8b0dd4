//! One metric of a document against the same metric of the contract.

use std::collections::HashSet;

use super::document::{Field, Metric};
use super::labels::{self, Label, Values};
use super::piece::Piece;
use super::{Checked, catalog};
use crate::contract::owned::{OwnedLabel, OwnedMetric, OwnedValues};
use crate::contract::value;
use crate::report::finding::{Finding, Rule};
use crate::report::nearest::did_you_mean;

pub(super) fn compare(checked: &Checked<'_>, entry: &Metric<'_>, metric: &OwnedMetric) -> Vec<Finding> {
    let mut comparison = Comparison { source: checked.source, metric, findings: Vec::new() };
    comparison.fields_are_there_once(entry);
    comparison.text(entry, "type", metric.kind.as_str(), &catalog::TYPE_DIFFERS);
    comparison.text(entry, "unit", &metric.unit, &catalog::UNIT_DIFFERS);
    comparison.text(entry, "description", &metric.help, &catalog::DESCRIPTION_DIFFERS);
    comparison.requirement(entry);
    comparison.section(entry);
    comparison.buckets(entry);
    comparison.labels(checked, entry);
    comparison.findings
}

struct Comparison<'a> {
    source: &'a str,
    metric: &'a OwnedMetric,
    findings: Vec<Finding>,
}

impl Comparison<'_> {
    fn find(&mut self, rule: &Rule, at: Piece<'_>, message: impl Into<String>) {
        self.findings.push(rule.finding(&self.metric.name, message).at(at.at(self.source)));
    }

    fn fields_are_there_once(&mut self, entry: &Metric<'_>) {
        let has_labels = self.metric.labels.iter().any(|label| !label.conditional);
        let needed =
            ["type", "labels", "unit", "description"].into_iter().filter(|name| *name != "labels" || has_labels);
        for name in needed.filter(|name| entry.field(name).is_none()) {
            self.find(&catalog::FIELD_MISSING, entry.name, format!("the document gives no {name} of this metric"));
        }
        for name in super::FIELDS {
            for again in entry.fields(name).skip(1) {
                self.find(&catalog::FIELD_TWICE, again.key, format!("the {name} stands here a second time"));
            }
        }
    }

    /// A field that is one text on both sides.
    fn text(&mut self, entry: &Metric<'_>, name: &str, expected: &str, rule: &Rule) {
        let Some(field) = entry.field(name) else { return };
        let text = field.text();
        let same = |text: &str| text == expected.split_whitespace().collect::<Vec<_>>().join(" ");
        if !same(&text) && !same(text.trim_matches('`')) {
            let message = format!("the document says {}, and the contract {}", shown(&text), shown(expected));
            self.find(rule, field.place(), message);
        }
    }

    fn requirement(&mut self, entry: &Metric<'_>) {
        let (field, expected) = (entry.field("requirement"), self.metric.requirement.as_deref());
        match (field, expected) {
            (Some(_), Some(expected)) => {
                self.text(entry, "requirement", expected, &catalog::REQUIREMENT_DIFFERS);
            }
            (Some(field), None) => {
                let message = format!("the document says {}, and the contract names none", shown(&field.text()));
                self.find(&catalog::REQUIREMENT_DIFFERS, field.place(), message);
            }
            (None, Some(expected)) => {
                let message = format!("the contract says `{expected}`, and the document names none");
                self.find(&catalog::REQUIREMENT_DIFFERS, entry.name, message);
            }
            (None, None) => {}
        }
    }

    fn section(&mut self, entry: &Metric<'_>) {
        if let Some(section) = entry.section.filter(|section| section.as_str() != value::title(&self.metric.section)) {
            let message = format!(
                "it stands under `{}`, and the contract has it under `{}`",
                section.as_str(),
                self.metric.section
            );
            self.find(&catalog::SECTION_DIFFERS, entry.name, message);
        }
    }

    fn buckets(&mut self, entry: &Metric<'_>) {
        let Some(field) = entry.field("buckets") else { return };
        let parts = field.value.iter().flat_map(|line| line.split_outside(|char| char == ','));
        let mut bounds = Vec::new();
        for part in parts.filter(|part| !part.is_empty()) {
            match part.plain().as_str().parse::<f64>() {
                // The last bucket goes without saying, and may be said.
                Ok(bound) if bound == f64::INFINITY => {}
                Ok(bound) => bounds.push(bound),
                Err(_) => {
                    let message = format!("`{}` is not a bucket bound", part.as_str());
                    return self.find(&catalog::UNREADABLE, part, message);
                }
            }
        }
        if bounds != self.metric.buckets {
            let message = match self.metric.buckets.as_slice() {
                [] => format!("the document has buckets, and the contract's {} has none", self.metric.kind),
                expected if bounds.is_empty() => {
                    format!("the document lists no bounds, and the contract has {}", value::bounds(expected))
                }
                expected => {
                    format!(
                        "the document has the bounds {}, and the contract {}",
                        value::bounds(&bounds),
                        value::bounds(expected)
                    )
                }
            };
            self.find(&catalog::BUCKETS_DIFFER, field.place(), message);
        }
    }

    fn labels(&mut self, checked: &Checked<'_>, entry: &Metric<'_>) {
        let (required, all_read) = self.label_list(entry.field("labels"));
        let (conditional, all_conditional_read) = self.label_list(entry.field("conditional labels"));
        let mut seen = HashSet::new();
        for (label, in_required) in required.iter().map(|it| (it, true)).chain(conditional.iter().map(|it| (it, false)))
        {
            let name = label.name.as_str();
            if !seen.insert(name) {
                self.find(&catalog::FIELD_TWICE, label.name, format!("the label `{name}` is listed a second time"));
                continue;
            }
            match self.metric.label(name) {
                None => {
                    let names = self.metric.labels.iter().map(|label| label.name.as_str());
                    let message = format!("the metric has no label `{name}`{}", did_you_mean(name, names));
                    self.find(&catalog::LABEL_UNKNOWN, label.name, message);
                }
                Some(known) => {
                    self.applies(label, in_required, known);
                    self.values(label, known);
                }
            }
        }
        // What could not be read may be what is missing.
        if all_read && all_conditional_read {
            self.none_is_missing(checked, entry, &seen);
        }
        self.order(entry, &required);
    }

    /// The labels of a list, and whether that is all of them.
    fn label_list<'d>(&mut self, field: Option<&Field<'d>>) -> (Vec<Label<'d>>, bool) {
        let (labels, unread) = field.map(|field| labels::read(&field.value)).unwrap_or_default();
        let all_read = unread.is_empty();
        for piece in unread {
            let message = format!("`{}` is not a label, or a label with its values in parentheses", piece.as_str());
            self.find(&catalog::UNREADABLE, piece, message);
        }
        (labels, all_read)
    }

    fn applies(&mut self, label: &Label<'_>, in_required: bool, known: &OwnedLabel) {
        let name = &known.name;
        // `(where applicable)` in the one list says what the other list is for.
        if known.conditional && in_required && !label.remark {
            let message = format!("the document has `{name}` on every series, and the contract only where it applies");
            self.find(&catalog::LABEL_CONDITIONAL, label.name, message);
        } else if !known.conditional && (!in_required || label.remark) {
            let message = format!("the document has `{name}` only where it applies, and the contract on every series");
            self.find(&catalog::LABEL_CONDITIONAL, label.name, message);
        }
    }

    /// Values that stand behind the label.
    fn values(&mut self, label: &Label<'_>, known: &OwnedLabel) {
        let Some(listed) = &label.values else { return };
        match &known.values {
            OwnedValues::Closed(values) => {
                for (at, message) in differences(&known.name, listed, values) {
                    self.find(&catalog::VALUES_DIFFER, at, message);
                }
            }
            OwnedValues::Open { .. } => {
                let message = format!("the document lists values of `{}`, which is open in the contract", known.name);
                self.find(&catalog::VALUES_DIFFER, listed.all, message);
            }
        }
    }

    fn none_is_missing(&mut self, checked: &Checked<'_>, entry: &Metric<'_>, seen: &HashSet<&str>) {
        let metric = self.metric;
        let conditional_listed = entry.field("conditional labels");
        for label in metric.labels.iter().filter(|label| !seen.contains(label.name.as_str())) {
            let (list, place) = if label.conditional {
                if conditional_listed.is_none() && checked.words.contains(label.name.as_str()) {
                    continue;
                }
                ("conditional labels", conditional_listed)
            } else {
                ("labels", entry.field("labels"))
            };
            // A list that is not there is a finding of its own.
            if let Some(at) = place.map(Field::place).or(label.conditional.then_some(entry.name)) {
                let message = format!("the {list} lack `{}`, which the contract has", label.name);
                self.find(&catalog::LABEL_MISSING, at, message);
            }
        }
    }

    fn order(&mut self, entry: &Metric<'_>, listed: &[Label<'_>]) {
        let listed: Vec<_> = listed.iter().map(|label| label.name.as_str()).collect();
        let required = self.metric.labels.iter().filter(|label| !label.conditional);
        let expected: Vec<_> = required.map(|label| label.name.as_str()).collect();
        let sorted = |names: &[&str]| {
            let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            names.sort_unstable();
            names
        };
        if let Some(field) =
            entry.field("labels").filter(|_| listed != expected && sorted(&listed) == sorted(&expected))
        {
            let message = format!("the contract has its labels in the order {}", expected.join(", "));
            self.find(&catalog::LABEL_ORDER, field.place(), message);
        }
    }
}

/// What is wrong with the values that a document lists of a closed label, and where.
pub(super) fn differences<'d>(label: &str, listed: &Values<'d>, values: &[String]) -> Vec<(Piece<'d>, String)> {
    let mut found = Vec::new();
    let known: HashSet<String> = values.iter().map(|value| value::code(value)).collect();
    let mut seen = HashSet::new();
    for again in listed.each.iter().filter(|value| !seen.insert(value.as_str())) {
        found.push((*again, format!("the value `{}` of `{label}` is listed a second time", again.as_str())));
    }
    for value in listed.each.iter().filter(|value| !known.contains(value.as_str())) {
        let instead = did_you_mean(value.as_str(), known_in_order(values));
        found.push((*value, format!("the contract has no value `{}` of `{label}`{instead}", value.as_str())));
    }
    let lacking: Vec<_> = known_in_order(values).filter(|value| !seen.contains(value::code(value).as_str())).collect();
    if !lacking.is_empty() {
        let message = format!("the values of `{label}` lack `{}`, which the contract has", lacking.join("`, `"));
        found.push((listed.all, message));
    }
    found
}

fn known_in_order(values: &[String]) -> impl Iterator<Item = &str> {
    values.iter().map(String::as_str)
}

/// A text of a length to be shown.
fn shown(text: &str) -> String {
    const SHOWN: usize = 120;
    let cut = if text.chars().nth(SHOWN).is_some() { "..." } else { "" };
    format!("`{}{cut}`", text.chars().take(SHOWN).collect::<String>())
}
