//! Checks whether a scrape is valid in its format, and as its contract says.
//!
//! [`scrape`] checks one text, a [`Linter`] those of several processes together. A text is read once, line by line. Of
//! the samples only a fingerprint of each series of the current family is kept: 40 MB at most, and 50 MB for histograms
//! whose lines are apart, however long the text is. Past that limit, which takes a family of two million series,
//! duplicates are not checked, and the report states it. Fingerprints have 64 bits and a seed of each linter: among a
//! million series, two collide with a probability of less than one in ten million.

pub(crate) mod catalog;
mod context;
mod expectations;
mod families;
mod histogram;
mod label_rules;
mod labels;
mod linter;
pub(crate) mod messages;
mod metadata;
mod options;
mod promlint;
mod sample_rules;
mod self_metrics;
mod series;
mod series_rules;
#[cfg(test)]
mod tests;

use std::io::{self, Read};

pub use linter::Linter;
pub use options::LintOptions;

use crate::contract::owned::OwnedContract;
use crate::report::Report;

/// Checks one text; without a contract, only as an exposition. `source` is its name in findings: a file, a URL.
///
/// The beginning of the text decides its format, unless a [`Linter`] reads it, which can take one.
/// [`Report::examined`] counts its samples. An empty text has none, and no finding.
///
/// ```
/// use orchq_metrics::lint::{self, LintOptions};
/// use orchq_metrics::{OwnedContract, v1};
///
/// let contract = OwnedContract::from(&v1::CONTRACT);
/// let text = "# TYPE tasks_rejected_total counter\ntasks_rejected_total{reason=\"FULL\",engine=\"vllm\"} 1\n";
/// let report = lint::scrape(Some(&contract), "worker.prom", text.as_bytes(), &LintOptions::default())?;
/// let finding = report.findings.iter().find(|finding| finding.rule == "scrape-value-unknown").unwrap();
/// let place = finding.location.as_ref().unwrap();
/// assert_eq!((place.line, &place.text[place.span.clone()]), (2, "FULL"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// When the text cannot be read. An early end is a finding.
pub fn scrape(
    contract: Option<&OwnedContract>,
    source: &str,
    reader: impl Read,
    options: &LintOptions,
) -> io::Result<Report> {
    let mut linter = Linter::new(contract, options);
    linter.read(source, None, reader)?;
    Ok(linter.finish())
}
