//! The check of a scrape: against promtool, against what engines serve, against what this crate serves.

mod engines;
mod own;
mod promtool;
mod properties;

use orchq_metrics::lint::{self, LintOptions};
use orchq_metrics::{Finding, OwnedContract, Report};

fn linted(contract: Option<&OwnedContract>, text: &str) -> Report {
    lint::scrape(contract, "scrape", text.as_bytes(), &LintOptions::default()).expect("memory can be read")
}

/// The findings of rules whose names begin so.
fn of<'r>(report: &'r Report, prefix: &str) -> Vec<&'r Finding> {
    report.findings.iter().filter(|finding| finding.rule.starts_with(prefix)).collect()
}

/// The findings that are not promlint's.
fn grave(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| !finding.rule.starts_with("promlint-")).collect()
}
