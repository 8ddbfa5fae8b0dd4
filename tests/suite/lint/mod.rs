//! The check of a scrape: compared with promtool, on scrapes of engines, and on those of this crate.

mod engines;
mod own;
mod promtool;
mod properties;

use orchq_metrics::lint::{self, LintOptions};
use orchq_metrics::{Finding, OwnedContract, Report};

pub(crate) fn linted(contract: Option<&OwnedContract>, text: &str) -> Report {
    lint::scrape(contract, "scrape", text.as_bytes(), &LintOptions::default()).expect("memory can be read")
}

/// The findings of rules whose names begin with `prefix`.
fn of<'r>(report: &'r Report, prefix: &str) -> Vec<&'r Finding> {
    report.findings.iter().filter(|finding| finding.rule.starts_with(prefix)).collect()
}

/// The findings that are not promlint's.
fn grave(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| !finding.rule.starts_with("promlint-")).collect()
}
