//! One metric of the document and the same metric of the contract.

use std::collections::{HashMap, HashSet};

use super::read::{Line, label, split_outside};
use super::{Checker, catalog, differs};
use crate::contract::markdown::{self, FIELDS};
use crate::contract::owned::OwnedMetric;
use crate::report::nearest::did_you_mean;

impl<'a> Checker<'a> {
    pub(super) fn compare(&mut self, metric: &OwnedMetric, line: Line<'a>, name: &'a str, below: &[Line<'a>]) {
        let expected: HashMap<_, _> = markdown::fields(self.contract, metric).into_iter().collect();
        let expected = |field| expected.get(field).map_or("", String::as_str);
        let level = below.iter().find(|line| line.pair().is_some()).map_or(0, |line| line.indent());
        let mut seen = HashSet::new();
        for line in below {
            let Some((key, value)) = line.pair().filter(|_| line.indent() <= level) else {
                self.not_compared(name, *line, "this line is not a field");
                continue;
            };
            let (rule, message) = match line.field() {
                Some(field) if seen.insert(field) => {
                    self.field(metric, field, *line, value, expected(field));
                    continue;
                }
                Some(_) => (&catalog::DUPLICATE, format!("the metric has a second `{key}`")),
                None => {
                    let nearest = did_you_mean(key, FIELDS.map(|(name, _)| name));
                    (&catalog::NOT_COMPARED, format!("`{key}` is not a field; it was not compared{nearest}"))
                }
            };
            self.find(rule, name, *line, key, message);
        }
        let missing = |(field, _): &(&'static str, bool)| !seen.contains(field) && !expected(field).is_empty();
        for (field, optional) in FIELDS.into_iter().filter(missing) {
            if self.listed.contains(field) || !optional {
                let message = format!("the document has no {field}, and the contract has `{}`", expected(field));
                self.find(&catalog::FIELD_MISSING, name, line, name, message);
            }
        }
    }

    fn field(&mut self, metric: &OwnedMetric, name: &str, line: Line<'a>, found: &'a str, expected: &str) {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let bounds = || found.split(',').map(|bound| bound.trim().parse().ok()).collect::<Option<Vec<f64>>>();
        let (rule, is_same) = match name {
            "labels" | "conditional labels" => return self.labels(metric, name, line, found),
            "buckets" => (&catalog::FIELD_DIFFERS, bounds().as_deref() == Some(&metric.buckets)),
            "description" => (&catalog::DESCRIPTION_DIFFERS, words(found) == words(expected)),
            _ => (&catalog::FIELD_DIFFERS, words(found) == words(expected)),
        };
        if !is_same {
            self.find(rule, &metric.name, line, found, differs(found, expected));
        }
    }

    /// The labels of one list, in any order.
    fn labels(&mut self, metric: &OwnedMetric, list: &str, line: Line<'a>, found: &'a str) {
        let conditional = list == "conditional labels";
        let expected: Vec<_> = metric.labels.iter().filter(|label| label.conditional == conditional).collect();
        let mut seen = HashSet::new();
        for part in split_outside(found, ',') {
            let (name, values) = label(part);
            let (rule, message) = match (expected.iter().find(|known| known.name == name), values) {
                (None, _) => {
                    let help = match metric.label(name) {
                        Some(_) => "; the contract has it in the other list".to_owned(),
                        None => self.suggest(name, expected.iter().map(|label| label.name.as_str())),
                    };
                    (&catalog::LABELS_DIFFER, format!("`{part}` is not one of the {list} in the contract{help}"))
                }
                _ if !seen.insert(name) => (&catalog::DUPLICATE, format!("the label `{name}` is listed twice")),
                (Some(known), Some(values)) => {
                    let in_place = markdown::with_values(known);
                    if label(&in_place).1 == Some(values) {
                        continue;
                    }
                    (&catalog::VALUES_DIFFER, differs(part, &in_place))
                }
                (Some(known), None) if !conditional && markdown::label_in_place(self.contract, known) != name => {
                    let message = format!("the document does not list the values of `{name}`; they were not compared");
                    (&catalog::NOT_LISTED, message)
                }
                _ => continue,
            };
            self.find(rule, &metric.name, line, part, message);
        }
        for label in expected.iter().filter(|label| !seen.contains(label.name.as_str())) {
            let message = format!("the {list} lack `{}`, which the contract has", label.name);
            self.find(&catalog::LABELS_DIFFER, &metric.name, line, found, message);
        }
    }
}
