//! Checks rules and dashboards against a contract: the command `rules`.
//!
//! A query that selects a metric, a label or a value that is not there returns nothing, and an alert on nothing
//! stays silent. The contract says which ones exist, so the check needs no server: it analyzes each selector through
//! its expression, with the labels and values that the contract gives it.
//!
//! ```
//! use orchq_metrics::OwnedContract;
//! use orchq_metrics::rules::{RulesOptions, Source, check};
//!
//! let text = "
//! groups:
//!   - name: queue
//!     rules:
//!       - alert: QueueIsLong
//!         expr: sum by (pool_ids) (queue_depth{engine=\"vlm\"}) > 100
//! ";
//! let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
//! let report = check(&contract, &[Source::new("queue.yml", text)], &RulesOptions::default());
//!
//! let found: Vec<_> = report.findings.iter().map(|finding| (&*finding.rule, finding.message.as_str())).collect();
//! assert_eq!(found[0].0, "rules-unknown-label");
//! assert!(found[0].1.contains("groups by `pool_ids`, which `queue_depth` does not have; did you mean `pool_id`?"));
//! assert_eq!(found[1].0, "rules-unknown-value");
//! assert!(found[1].1.contains("did you mean `vllm`?"));
//! ```

mod analysis;
mod analyze;
mod analyzed;
pub(crate) mod catalog;
mod document;
mod grafana;
mod known_metrics;
mod label_set;
mod options;
mod parse;
mod prometheus;
mod query;
mod reader;
mod suppressions;
mod templates;
mod text;
mod variables;

use std::collections::{BTreeSet, HashMap};

pub use self::options::{RulesOptions, Source};

pub(crate) use self::analysis::{Analysis, analyze};
pub(crate) use self::analyzed::{AnalyzedQuery, SelectedValue};
pub(crate) use self::parse::ParsedFile;
use crate::contract::owned::OwnedContract;
use crate::report::Report;
use crate::report::finding::Finding;

/// Checks rule files, `PrometheusRule` manifests and Grafana dashboards against a contract.
///
/// All files are read first: a recording rule of one file is known in all others. A file that cannot be read, and an
/// expression that cannot be parsed, are findings. The report counts queries.
#[must_use]
pub fn check(contract: &OwnedContract, files: &[Source<'_>], options: &RulesOptions) -> Report {
    let parsed: Vec<_> = files.iter().map(ParsedFile::new).collect();
    let Analysis { queries, unread, examined } = analyze(contract, &parsed, options);
    let used: BTreeSet<_> = queries.iter().flat_map(|query| query.metrics.clone()).collect();
    let mut findings: Vec<_> = unread.into_iter().chain(queries.into_iter().flat_map(|query| query.findings)).collect();
    sort_by_place(&mut findings, files);
    if options.unused {
        let unused = contract.metrics.iter().filter(|metric| !used.contains(&metric.name));
        findings
            .extend(unused.map(|metric| catalog::UNUSED.finding(&metric.name, "no query of the given files uses it")));
    }
    let mut report = Report::on(examined);
    report.extend(findings);
    report
}

/// Sorts findings as their places are in the files.
pub(crate) fn sort_by_place(findings: &mut [Finding], files: &[Source<'_>]) {
    let order: HashMap<&str, usize> = files.iter().enumerate().map(|(index, file)| (file.name, index)).collect();
    findings.sort_by_key(|finding| {
        let place = finding.location.as_ref();
        place.map(|place| (order.get(place.source.as_str()).copied(), place.line, place.column))
    });
}
