//! The check of a scrape: does it keep to its format, and to the contract?
//!
//! [`scrape`] checks one text, a [`Linter`] those of several processes together. A text is read once, a line at a
//! time; of the samples themselves nothing is kept but a fingerprint of each series of the family that is being
//! read. That is 40 MB at most, and 50 MB for histograms whose lines are apart, whatever the text's length; past that, which
//! takes a family of two million series, duplicates are no longer told, and the report says so.
//! Fingerprints are of 64 bits with a seed of their own in each linter: among a million series, two are taken for one
//! with a probability of less than one in ten million.

pub(crate) mod catalog;
mod compare;
mod families;
mod histogram;
mod labels;
mod linter;
mod metadata;
mod own;
mod pairs;
mod place;
mod promises;
mod promlint;
mod sample;
mod series;
#[cfg(test)]
mod tests;
pub(crate) mod words;

use std::io::{self, Read};

pub use linter::Linter;

use crate::contract::owned::OwnedContract;
use crate::report::Report;
use crate::tools::scrape::Format;

/// How a scrape is checked.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// The format; without one, the beginning of each text decides.
    pub format: Option<Format>,
    /// What the names of the contract's namespace begin with. Without any, a name belongs to it that begins with the
    /// first word of a contracted name: `tasks_`, `queue_`.
    pub prefixes: Vec<String>,
}

/// Checks one text; without a contract, as an exposition alone. `source` is what findings call it: a file, a URL.
///
/// [`Report::examined`] counts its samples. An empty text has none, and no finding.
///
/// ```
/// use orchq_metrics::{OwnedContract, lint, v1};
///
/// let contract = OwnedContract::from(&v1::CONTRACT);
/// let text = "# TYPE tasks_rejected_total counter\ntasks_rejected_total{reason=\"FULL\",engine=\"vllm\"} 1\n";
/// let report = lint::scrape(Some(&contract), "worker.prom", text.as_bytes(), &lint::Options::default())?;
/// let finding = report.findings.iter().find(|finding| finding.rule == "scrape-value-unknown").unwrap();
/// let place = finding.location.as_ref().unwrap();
/// assert_eq!((place.line, &place.text[place.span.clone()]), (2, "FULL"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// When the text cannot be read. That it ends too early is a finding.
pub fn scrape(
    contract: Option<&OwnedContract>,
    source: &str,
    reader: impl Read,
    options: &Options,
) -> io::Result<Report> {
    let mut linter = Linter::new(contract, options);
    linter.read(source, options.format, reader)?;
    Ok(linter.finish())
}
