//! Compares a contract's document with the contract: the command `document`.
//!
//! The document has the form that [`export`](crate::export) writes:
//!
//! ```text
//! ## Gauges
//!
//! - queue_depth
//!   - type: gauge
//!   - labels: engine (llamacpp|vllm), pool_id
//!   - conditional labels: model_id
//!   - unit: 1
//!   - range: at least 0
//!   - buckets: 1, 2.5, 5
//!   - requirement: ORCH-17
//!   - renamed from: queue_length since 1.1.0, dropped in 2.0.0
//!   - deprecated: since 1.2.0, use queue_wait_ms
//!   - description: Current queue length per pool.
//!
//! ## Label values
//!
//! - pool_id: open, budget 256
//! ```
//!
//! Each line is read as one of these:
//!
//! - A heading. The last one above a metric is the metric's section.
//! - A metric: a list item that is not indented and that is only a name. The lines below it are its fields, one an
//!   item. `labels` are those that every series has.
//! - Under `Label values`, a label: its values or its budget, and when a conditional label applies.
//! - In other sections without metrics, an item that lists the values of a label, such as `engine (llamacpp|vllm)`.
//! - Prose, which is not compared: paragraphs and comments, and in other sections without metrics every other line.
//!
//! Every other line is reported as not compared. The finding is a warning if the line looks like part of a metric or a
//! label, and otherwise a note. These lines give a note:
//!
//! - in a section that has metrics, and under `Label values`: another list item, a row of a table, a code fence;
//! - in another section: an item that lists the values of something that is not a label.
//!
//! A document may leave out the section `Label values`, and any optional field of all metrics; a note says so.

pub(crate) mod catalog;
mod compare;
mod read;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use crate::contract::markdown::{self, FIELDS, LABEL_VALUES};
use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::contract::value;
use crate::report::Report;
use crate::report::finding::{Finding, Rule, Severity};
use crate::report::nearest::did_you_mean;
use crate::tools::tree::shortened;

use read::{Line, alternatives, has_fields, label, lines, split_outside};

/// Similar names are suggested for this many names; a suggestion costs a comparison with every name.
const MAX_SUGGESTIONS: usize = 200;

/// Compares a document with a contract. The report's `examined` is the number of metrics in the document; if there
/// are none, no metric is reported as missing.
///
/// `source` is the document's name in locations.
///
/// ```
/// use orchq_metrics::{OwnedContract, document, v1};
///
/// let contract = OwnedContract::from(&v1::CONTRACT);
/// let text = contract.to_markdown().replace("type: gauge", "type: counter");
/// let report = document::check(&contract, "docs/metrics-contract.md", &text);
/// assert_eq!(report.examined, 13);
/// let finding = &report.findings[0];
/// assert_eq!((&*finding.rule, finding.subject.as_str()), ("document-field-differs", "queue_depth"));
/// assert_eq!(finding.location.as_ref().map(|location| location.line), Some(43));
/// ```
#[must_use]
pub fn check(contract: &OwnedContract, source: &str, text: &str) -> Report {
    let lines = lines(text);
    let items = blocks(&lines).filter(|(line, _)| line.item().is_some());
    let mut checker = Checker {
        contract,
        by_name: contract.metrics.iter().map(|metric| (metric.name.as_str(), metric)).collect(),
        source,
        listed: items.flat_map(|(_, below)| below.iter().filter_map(|line| line.field())).collect(),
        section: None,
        is_prose: true,
        documented: HashSet::new(),
        label_heading: None,
        label_values: markdown::label_values(contract),
        documented_labels: HashSet::new(),
        suggestions: Cell::new(0),
        report: Report::on(0),
    };
    lines.chunk_by(|_, next| next.heading().is_none()).for_each(|section| checker.section(section));
    checker.finish();
    checker.report
}

/// Each heading, list item or paragraph, with the lines below it.
fn blocks<'s, 'a>(lines: &'s [Line<'a>]) -> impl Iterator<Item = (Line<'a>, &'s [Line<'a>])> {
    let blocks = lines.chunk_by(|_, next| next.is_below).filter_map(|block| block.split_first());
    blocks.map(|(line, below)| (*line, below))
}

struct Checker<'a> {
    contract: &'a OwnedContract,
    by_name: HashMap<&'a str, &'a OwnedMetric>,
    source: &'a str,
    /// The names of all fields in the document.
    listed: HashSet<&'static str>,
    section: Option<&'a str>,
    /// Whether the section has neither metrics nor label values.
    is_prose: bool,
    documented: HashSet<&'a str>,
    /// The heading of the section `Label values`.
    label_heading: Option<Line<'a>>,
    /// The lines of that section for the contract.
    label_values: Vec<(String, String)>,
    documented_labels: HashSet<&'a str>,
    suggestions: Cell<usize>,
    report: Report,
}

impl<'a> Checker<'a> {
    fn find(&mut self, rule: &Rule, subject: &str, line: Line<'_>, part: &str, message: impl Into<String>) {
        self.report.push(rule.finding(subject, message).at(line.location(self.source, part)));
    }

    fn not_compared(&mut self, subject: &str, line: Line<'a>, message: &str) {
        let message = format!("{message}; it was not compared");
        self.find(&catalog::NOT_COMPARED, subject, line, line.item().unwrap_or(line.text).trim(), message);
    }

    /// A line that does not look like part of a metric or a label.
    fn passed_over(&mut self, line: Line<'a>) {
        let text = line.text.trim();
        let finding = catalog::NOT_COMPARED.finding(&self.contract.name, "this line was not compared");
        let finding = finding.at(line.location(self.source, text));
        self.report.push(Finding { severity: Severity::Note, ..finding });
    }

    fn suggest<'b>(&self, name: &str, candidates: impl IntoIterator<Item = &'b str>) -> String {
        self.suggestions.set(self.suggestions.get() + 1);
        if self.suggestions.get() > MAX_SUGGESTIONS { String::new() } else { did_you_mean(name, candidates) }
    }

    /// The lines from one heading to the next.
    fn section(&mut self, lines: &[Line<'a>]) {
        self.section = lines.first().and_then(|line| line.heading());
        if self.section == Some(LABEL_VALUES) {
            self.label_heading = lines.first().copied();
        }
        let is_metric = |(line, below): (Line<'a>, _)| line.name().is_some_and(|name| self.is_metric(name, below));
        self.is_prose = self.section != Some(LABEL_VALUES) && !blocks(lines).any(is_metric);
        blocks(lines).for_each(|(line, below)| self.block(line, below));
    }

    fn is_metric(&self, name: &str, below: &[Line<'_>]) -> bool {
        has_fields(below) || self.by_name.contains_key(name)
    }

    fn block(&mut self, line: Line<'a>, below: &[Line<'a>]) {
        let subject = &self.contract.name;
        match (line.item().filter(|_| line.indent() == 0), line.name()) {
            (_, Some(name)) if self.is_metric(name, below) => self.metric(line, name, below),
            (_, Some(_)) => {
                self.not_compared(subject, line, "this name has no fields and is not a metric of the contract");
            }
            (Some(text), None) if self.section == Some(LABEL_VALUES) => {
                self.label(line, text);
                below.iter().for_each(|line| self.not_compared(subject, *line, "this line is below a label"));
            }
            (Some(_), None) if has_fields(below) => {
                self.not_compared(subject, line, "this item has the fields of a metric but is not a metric's name");
            }
            _ => [line].iter().chain(below).for_each(|line| self.other(*line)),
        }
    }

    /// A line that does not belong to a metric or a label.
    fn other(&mut self, line: Line<'a>) {
        if line.field().is_some() {
            self.not_compared(&self.contract.name, line, "this field does not belong to a metric");
        } else if self.is_prose {
            let parts = line.item().map(|text| split_outside(text, ',')).unwrap_or_default();
            parts.into_iter().filter(|part| part.contains('|')).for_each(|part| self.values(line, part));
        } else if line.is_structured() {
            self.passed_over(line);
        }
    }

    /// The values of a label in a section without metrics.
    fn values(&mut self, line: Line<'a>, part: &'a str) {
        let (name, values) = label(part);
        let labels = self.contract.metrics.iter().filter_map(|metric| metric.label(name));
        let mut known = labels.map(markdown::with_values).peekable();
        match known.peek().cloned() {
            None => self.passed_over(line),
            Some(_) if known.any(|known| label(&known).1 == values) => {}
            Some(first) => {
                self.find(&catalog::VALUES_DIFFER, name, line, part, differs(&part.replace('`', ""), &first))
            }
        }
    }

    fn metric(&mut self, line: Line<'a>, name: &'a str, below: &[Line<'a>]) {
        self.report.examined += 1;
        let is_first = self.documented.insert(name);
        let (rule, message) = match self.by_name.get(name).copied() {
            Some(metric) if is_first => {
                let title = value::title(&metric.section);
                if let Some(section) = self.section.filter(|section| *section != title) {
                    self.find(&catalog::SECTION_DIFFERS, name, line, name, differs(section, &title));
                }
                return self.compare(metric, line, name, below);
            }
            Some(_) => {
                let message = "the document already describes this metric above; this item was not compared";
                (&catalog::DUPLICATE, message.to_owned())
            }
            None => {
                let suggestion = self.suggest(name, self.contract.metrics.iter().map(|metric| metric.name.as_str()));
                (&catalog::METRIC_UNKNOWN, format!("the contract has no metric of this name{suggestion}"))
            }
        };
        self.find(rule, name, line, name, message);
    }

    /// A line of the section `Label values`.
    fn label(&mut self, line: Line<'a>, text: &'a str) {
        let Some((key, value)) = text.trim_end().split_once(": ") else {
            return self.not_compared(&self.contract.name, line, "this is not a label with its values");
        };
        let (rule, part, message) = match self.label_values.iter().find(|(known, _)| known == key) {
            _ if !self.documented_labels.insert(key) => (&catalog::DUPLICATE, key, format!("`{key}` is listed twice")),
            Some((_, expected)) if parts(value).eq(parts(expected)) => return,
            Some((_, expected)) => (&catalog::VALUES_DIFFER, value, differs(value, expected)),
            None => {
                let suggestion = self.suggest(key, self.label_values.iter().map(|(key, _)| key.as_str()));
                let message = format!("the contract has no label `{key}` with values of its own{suggestion}");
                (&catalog::LABELS_DIFFER, key, message)
            }
        };
        self.find(rule, label_name(key), line, part, message);
    }

    /// Reports what the document does not have.
    fn finish(&mut self) {
        if self.report.examined == 0 {
            return;
        }
        let contract = self.contract;
        for metric in contract.metrics.iter().filter(|metric| !self.documented.contains(metric.name.as_str())) {
            let message = "the contract has this metric, and the document does not";
            self.report.push(catalog::METRIC_MISSING.finding(&metric.name, message));
        }
        let not_listed = |message| catalog::NOT_LISTED.finding(&contract.name, message);
        for (field, _) in FIELDS.into_iter().filter(|(field, optional)| *optional && !self.listed.contains(field)) {
            let has_field = |metric: &&OwnedMetric| markdown::fields(contract, metric).iter().any(|it| it.0 == field);
            let metrics = contract.metrics.iter().filter(has_field).count();
            let message = format!("the document has no `{field}`; those of {metrics} metrics were not compared");
            self.report.extend((metrics > 0).then(|| not_listed(message)));
        }
        if let Some(line) = self.label_heading {
            for (key, _) in self.label_values.iter().filter(|(key, _)| !self.documented_labels.contains(key.as_str())) {
                let finding = catalog::LABELS_DIFFER.finding(label_name(key), format!("the label values lack `{key}`"));
                self.report.push(finding.at(line.location(self.source, line.heading().unwrap_or(line.text))));
            }
        } else if !self.label_values.is_empty() {
            let labels = self.label_values.len();
            self.report.push(not_listed(format!(
                "the document has no section `{LABEL_VALUES}`; {labels} labels were not compared"
            )));
        }
    }
}

/// The parts of a label's description, each with its alternatives in one order.
fn parts(description: &str) -> impl Iterator<Item = Vec<&str>> {
    split_outside(description, ',').into_iter().map(alternatives)
}

/// The label of a key such as `engine (of queue_depth)`.
fn label_name(key: &str) -> &str {
    key.split(' ').next().unwrap_or_default()
}

fn differs(document: &str, contract: &str) -> String {
    let [document, contract] = [document, contract].map(|text| format!("`{}`", shortened(text, 120)));
    format!("the document says {document}, and the contract {}", if contract == "``" { "has none" } else { &contract })
}
