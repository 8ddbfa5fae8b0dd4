//! A contract document against the contract, in both directions and by line.
//!
//! The form of the document is the one that [`Contract::to_markdown`](crate::Contract::to_markdown) gives: headings are
//! sections, an item of a list is a metric, and the items below it are its fields.
//!
//! ```text
//! ## Gauges
//!
//! - queue_depth
//!   - type: gauge
//!   - labels: engine (llamacpp|vllm), pool_id
//!   - unit: 1
//!   - description: Current queue length per pool.
//! ```
//!
//! `labels:` is the set that every series has. Conditional labels have a line of their own,
//! `conditional labels:`, or are told of once, in the text around the metrics; so are the values of a label
//! that several metrics share. `buckets:` and `requirement:` are compared where they are given.

pub(crate) mod catalog;
mod document;
mod labels;
mod list;
mod metric;
mod piece;
#[cfg(test)]
mod round_trip;
mod shared;
mod stated;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::contract::owned::OwnedContract;
use crate::report::Report;
use crate::report::finding::Finding;
use crate::report::nearest::did_you_mean;

use document::{Document, FIELDS};
use piece::Piece;

/// Compares a document with a contract. What was examined is the metrics of the document: a text
/// without any is no contract, and then nothing is found missing either.
///
/// `source` is what the document is called in the findings' locations.
///
/// ```
/// use orchq_metrics::{OwnedContract, render, spec, v1};
///
/// let contract = OwnedContract::from(&v1::CONTRACT);
/// let document = v1::CONTRACT.to_markdown().replace("type: gauge", "type: counter");
/// let report = spec::check(&contract, "docs/metrics-contract.md", &document);
/// assert_eq!(report.examined, 13);
/// let finding = &report.findings[0];
/// assert_eq!((&*finding.rule, finding.subject.as_str()), ("spec-type-differs", "queue_depth"));
/// assert_eq!(finding.location.as_ref().map(|place| place.line), Some(43));
/// ```
#[must_use]
pub fn check(contract: &OwnedContract, source: &str, text: &str) -> Report {
    let by_name: HashMap<&str, _> = contract.metrics.iter().map(|metric| (metric.name.as_str(), metric)).collect();
    let document = document::read(text, &|name| by_name.contains_key(name));
    let checked = Checked { contract, source, document: &document, words: words(&document) };
    let mut findings = checked.form();
    if !document.metrics.is_empty() {
        let mut documented = HashMap::new();
        for entry in &document.metrics {
            let name = entry.name.as_str();
            match by_name.get(name) {
                _ if documented.contains_key(name) => findings.push(checked.twice(entry.name)),
                Some(metric) => findings.extend(metric::compare(&checked, entry, metric)),
                None => findings.push(checked.unknown(entry.name)),
            }
            documented.insert(name, entry);
        }
        findings.extend(shared::compare(&checked, &documented));
        // In the order of the document, and what is not in it comes last.
        findings.sort_by_key(|finding| finding.location.as_ref().map(|place| (place.line, place.column)));
        let missing = contract.metrics.iter().filter(|metric| !documented.contains_key(metric.name.as_str()));
        findings.extend(missing.map(|metric| missing_metric(&metric.name)));
    }
    let mut report = Report::on(document.metrics.len());
    report.extend(findings);
    report
}

fn missing_metric(name: &str) -> Finding {
    catalog::METRIC_MISSING.finding(name, "the contract has this metric, and the document does not")
}

/// What the rules read.
struct Checked<'a> {
    contract: &'a OwnedContract,
    source: &'a str,
    document: &'a Document<'a>,
    /// Every word of the text around the metrics.
    words: HashSet<&'a str>,
}

fn words<'a>(document: &Document<'a>) -> HashSet<&'a str> {
    let is_part = |char: char| char.is_ascii_alphanumeric() || char == '_';
    document.outside.iter().flat_map(|line| line.as_str().split(move |char| !is_part(char))).collect()
}

impl Checked<'_> {
    /// What is not in the form of such a document.
    fn form(&self) -> Vec<Finding> {
        let Document { unread, unknown_fields, .. } = self.document;
        let unread = unread.iter().map(|(piece, message)| {
            catalog::UNREADABLE.finding(&self.contract.name, message).at(piece.at(self.source))
        });
        let unknown = unknown_fields.iter().map(|(piece, metric)| {
            let key = piece.split_once(':').map_or(*piece, |(key, _)| key.plain());
            let instead = did_you_mean(key.as_str(), FIELDS);
            let message = format!("`{}` is not a field of a metric{instead}", key.as_str());
            catalog::FIELD_UNKNOWN.finding(metric.as_str(), message).at(key.at(self.source))
        });
        unread.chain(unknown).collect()
    }

    fn twice(&self, name: Piece<'_>) -> Finding {
        let message = "the document has described this metric already";
        catalog::METRIC_TWICE.finding(name.as_str(), message).at(name.at(self.source))
    }

    fn unknown(&self, name: Piece<'_>) -> Finding {
        let names = self.contract.metrics.iter().map(|metric| metric.name.as_str());
        let message = format!("the contract has no metric of this name{}", did_you_mean(name.as_str(), names));
        catalog::METRIC_UNKNOWN.finding(name.as_str(), message).at(name.at(self.source))
    }
}
