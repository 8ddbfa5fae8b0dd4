//! One metric of the document and the same metric of the contract.

use std::collections::{HashMap, HashSet};

use super::read::{FIELDS, Line, alternatives, split_outside};
use super::{Checker, OPTIONAL_FIELDS, catalog, differs, suggest};
use crate::contract::markdown;
use crate::contract::owned::{OwnedLabel, OwnedMetric, OwnedValues};
use crate::contract::value;
use crate::report::nearest::did_you_mean;

/// A field of a metric: its line and its value.
type Field<'a> = (Line<'a>, &'a str);

impl<'a> Checker<'a> {
    pub(super) fn compare(&mut self, metric: &OwnedMetric, line: Line<'a>, name: &'a str, below: &[Line<'a>]) {
        let title = value::title(&metric.section);
        if let Some(section) = self.section.filter(|section| *section != title) {
            self.find(&catalog::SECTION_DIFFERS, name, line, name, differs(section, &title));
        }
        let fields = self.fields(name, below);
        let expected: HashMap<_, _> = markdown::fields(self.contract, metric).into_iter().collect();
        for field in FIELDS {
            let expected = expected.get(field).map_or("", String::as_str);
            let left_out = OPTIONAL_FIELDS.contains(&field) && !self.listed.contains(field);
            match fields.get(field) {
                Some(found) => self.field(metric, field, *found, expected),
                None if expected.is_empty() || left_out => {}
                None => {
                    let message = format!("the document has no {field}, and the contract has `{expected}`");
                    self.find(&catalog::FIELD_MISSING, name, line, name, message);
                }
            }
        }
    }

    /// The fields of a metric; every other line is reported.
    fn fields(&mut self, metric: &str, below: &[Line<'a>]) -> HashMap<&'static str, Field<'a>> {
        let mut fields = HashMap::new();
        let level = below.iter().find(|line| line.pair().is_some()).map_or(0, |line| line.indent());
        for line in below {
            match (line.pair().filter(|_| line.indent() <= level), line.field()) {
                (Some((key, _)), Some(field)) if fields.contains_key(field) => {
                    self.find(&catalog::DUPLICATE, metric, *line, key, format!("the metric has a second `{key}`"));
                }
                (Some((_, value)), Some(field)) => drop(fields.insert(field, (*line, value))),
                (Some((key, _)), None) => {
                    let message = format!("`{key}` is not a field; it was not compared{}", did_you_mean(key, FIELDS));
                    self.find(&catalog::NOT_COMPARED, metric, *line, key, message);
                }
                (None, _) => self.not_compared(metric, *line, "this line is not a field"),
            }
        }
        fields
    }

    fn field(&mut self, metric: &OwnedMetric, name: &str, (line, found): Field<'a>, expected: &str) {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let bounds = || found.split(',').map(|bound| bound.trim().parse().ok()).collect::<Option<Vec<f64>>>();
        let (rule, is_same) = match name {
            "labels" => return self.labels(metric, name, (line, found), false),
            "conditional labels" => return self.labels(metric, name, (line, found), true),
            "buckets" => (&catalog::FIELD_DIFFERS, bounds().as_deref() == Some(&metric.buckets)),
            "description" => (&catalog::DESCRIPTION_DIFFERS, words(found) == words(expected)),
            _ => (&catalog::FIELD_DIFFERS, words(found) == words(expected)),
        };
        if !is_same {
            self.find(rule, &metric.name, line, found, differs(found, expected));
        }
    }

    /// The labels of one list, in any order.
    fn labels(&mut self, metric: &OwnedMetric, list: &str, (line, found): Field<'a>, conditional: bool) {
        let subject = &metric.name;
        let expected: Vec<_> = metric.labels.iter().filter(|label| label.conditional == conditional).collect();
        let mut seen = HashSet::new();
        for part in split_outside(found, ',') {
            let (name, values) = label(part);
            let Some(known) = expected.iter().find(|known| known.name == name) else {
                let help = match metric.label(name) {
                    Some(_) => "; the contract has it in the other list".to_owned(),
                    None => suggest(&mut self.suggestions, name, expected.iter().map(|label| label.name.as_str())),
                };
                let message = format!("`{part}` is not one of the {list} in the contract{help}");
                self.find(&catalog::LABELS_DIFFER, subject, line, part, message);
                continue;
            };
            let in_place = with_values(known);
            if !seen.insert(name) {
                self.find(&catalog::DUPLICATE, subject, line, part, format!("the label `{name}` is listed twice"));
            } else if values.is_some() && values != label(&in_place).1 {
                self.find(&catalog::VALUES_DIFFER, subject, line, part, differs(part, &in_place));
            } else if values.is_none() && !conditional && markdown::label_in_place(self.contract, known) != known.name {
                let message = format!("the document does not list the values of `{name}`; they were not compared");
                self.find(&catalog::NOT_LISTED, subject, line, part, message);
            }
        }
        for label in expected.iter().filter(|label| !seen.contains(label.name.as_str())) {
            let message = format!("the {list} lack `{}`, which the contract has", label.name);
            self.find(&catalog::LABELS_DIFFER, subject, line, found, message);
        }
    }
}

/// The name and the values of a label such as `engine (llamacpp|vllm)`.
fn label(part: &str) -> (&str, Option<Vec<&str>>) {
    let (name, values) = match part.split_once('(').map(|(name, values)| (name, values.strip_suffix(')'))) {
        Some((name, Some(values))) => (name, Some(alternatives(values))),
        _ => (part, None),
    };
    (name.trim().trim_matches('`'), values)
}

fn with_values(label: &OwnedLabel) -> String {
    match &label.values {
        OwnedValues::Closed(values) => format!("{} ({})", label.name, value::alternatives(values)),
        OwnedValues::Open { .. } => label.name.clone(),
    }
}
