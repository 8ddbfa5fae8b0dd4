//! Checks rules and dashboards against a contract: the command `rules`.
//!
//! A query that selects a metric, a label or a value that is not there returns nothing, and an alert on nothing
//! stays silent. Here the contract says what is there, so that no server has to be asked and nothing has to be
//! running: each selector is followed through its expression, with what is known of its labels and values.
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

pub(crate) mod catalog;
mod document;
mod flow;
mod grafana;
mod label_set;
mod prepare;
mod prometheus;
mod query;
mod readers;
mod recorded;
mod suppressions;
mod templates;
mod text;
mod variables;
mod vocabulary;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use self::flow::Flow;
use self::prepare::{Prepared, prepare};
use self::query::{Purpose, Reading};
pub(crate) use self::readers::{Reader, Selected};
use self::suppressions::Suppressions;
use self::text::{File, line_starts};
use self::vocabulary::{Vocabulary, own_families};
use crate::contract::owned::OwnedContract;
use crate::report::Report;
use crate::report::finding::Finding;
use crate::tools::promql::Parsed;
pub(crate) use crate::tools::promql::{literal, matchers};

/// A file with rules or a dashboard.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Source<'a> {
    /// What it is called in findings: its path.
    pub name: &'a str,
    /// What is in it.
    pub text: &'a str,
}

impl<'a> Source<'a> {
    /// A file of this name and text.
    #[must_use]
    pub const fn new(name: &'a str, text: &'a str) -> Self {
        Self { name, text }
    }
}

/// How files are checked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RulesOptions {
    /// The labels that are added to every series on the way: by the scrape, by relabelling, by a federation.
    /// `job` and `instance`, which every scrape adds, by default.
    pub target_labels: Vec<String>,
    /// What the names of the contract's namespace begin with. Without any, a name belongs to it that begins with the
    /// first word of a contracted name: `tasks_`, `queue_`.
    pub prefixes: Vec<String>,
    /// Whether a metric that no query uses is a finding.
    pub unused: bool,
}

impl Default for RulesOptions {
    fn default() -> Self {
        Self { target_labels: vec!["job".to_owned(), "instance".to_owned()], prefixes: Vec::new(), unused: false }
    }
}

impl RulesOptions {
    /// These options, and one more label that is added to every series on the way.
    #[must_use]
    pub fn target_label(mut self, label: impl Into<String>) -> Self {
        self.target_labels.push(label.into());
        self
    }

    /// These options, and whether a metric that no query uses is a finding.
    #[must_use]
    pub fn unused(mut self, unused: bool) -> Self {
        self.unused = unused;
        self
    }
}

/// What is wrong, and at which bytes of a file.
type Found = (Finding, Range<usize>);

/// Checks rule files, `PrometheusRule` manifests and Grafana dashboards against a contract.
///
/// All files are read first: a recording rule of one is known in all others. A file that cannot be read, and an
/// expression that cannot be parsed, are findings. The report counts queries.
#[must_use]
pub fn check(contract: &OwnedContract, files: &[Source<'_>], options: &RulesOptions) -> Report {
    let examined = examine(contract, files, options);
    let mut report = Report::default();
    report.examined = examined.queries;
    report.extend(examined.findings);
    report
}

/// All that is known of the queries in some files.
pub(crate) struct Examined {
    /// Everything that is wrong, with nothing left out.
    pub(crate) findings: Vec<Finding>,
    /// The queries that could be read.
    pub(crate) readers: Vec<Reader>,
    /// How many queries there are.
    pub(crate) queries: usize,
}

/// Reads all files, and follows every query.
pub(crate) fn examine(contract: &OwnedContract, files: &[Source<'_>], options: &RulesOptions) -> Examined {
    let lines: Vec<_> = files.iter().map(|file| line_starts(file.text)).collect();
    let lines = files.iter().zip(&lines).enumerate();
    let sources: Vec<_> =
        lines.map(|(index, (file, lines))| File { index, name: file.name, text: file.text, lines }).collect();
    let mut readings: Vec<_> = sources.iter().map(|file| document::read(*file)).collect();
    let mut found: Vec<_> = readings.iter_mut().map(|reading| std::mem::take(&mut reading.findings)).collect();
    let own = own_families();
    let vocabulary = Vocabulary::new(contract, &own, options);

    let mut queries = Vec::new();
    for ((file, reading), found) in sources.iter().zip(&readings).zip(&mut found) {
        for query in &reading.queries {
            let (prepared, finding) = prepare(*file, query);
            found.extend(finding);
            queries.push(prepared);
        }
        found.extend(skipped(*file, reading));
    }
    let readers = follow(&vocabulary, &queries, &mut found);

    let mut findings = Vec::new();
    for ((file, reading), mut found) in sources.iter().zip(&readings).zip(found) {
        let suppressions = Suppressions::new(*file, &reading.queries);
        found.retain(|(finding, place)| !suppressions.allow(place, &finding.rule));
        found.extend(suppressions.into_findings());
        // As in the text, whatever order the recording rules were followed in.
        found.sort_by_key(|(_, place)| place.start);
        findings.extend(found.into_iter().map(|(finding, place)| single_line(finding).at(file.location(place))));
    }
    if options.unused {
        findings.extend(unused(contract, &readers));
    }
    Examined { findings, readers, queries: queries.len() }
}

/// A finding whose texts are one line, whatever the names and values in them have.
fn single_line(mut finding: Finding) -> Finding {
    finding.message = finding.message.replace(char::is_control, " ");
    finding.subject = finding.subject.replace(char::is_control, " ");
    finding
}

/// Says how many queries of a file are for other data sources.
fn skipped(file: File<'_>, reading: &Reading) -> Option<Found> {
    let queries = if reading.foreign == 1 { "query is" } else { "queries are" };
    let message = format!("{} {queries} for other data sources than Prometheus", reading.foreign);
    (reading.foreign > 0).then(|| (catalog::SKIPPED.finding(file.name, message), 0..0))
}

/// Follows every query, recording rules first, and returns what each reads.
fn follow(vocabulary: &Vocabulary<'_>, queries: &[Prepared<'_>], found: &mut [Vec<Found>]) -> Vec<Reader> {
    let mut readers = Vec::new();
    let mut recorded: BTreeMap<String, Flow> = BTreeMap::new();
    for (name, rules) in recorded::order(queries) {
        let mut flow: Option<Flow> = None;
        for prepared in rules {
            let result = one(vocabulary, &recorded, prepared, found, &mut readers).recorded(prepared.query);
            flow = Some(match flow {
                Some(other) => other.or(result),
                None => result,
            });
        }
        recorded.extend(flow.map(|flow| (name.to_owned(), flow)));
    }
    for prepared in queries.iter().filter(|prepared| !matches!(prepared.query.purpose, Purpose::Record(_))) {
        one(vocabulary, &recorded, prepared, found, &mut readers);
    }
    readers
}

/// Follows one query.
fn one(
    vocabulary: &Vocabulary<'_>,
    recorded: &BTreeMap<String, Flow>,
    prepared: &Prepared<'_>,
    found: &mut [Vec<Found>],
    readers: &mut Vec<Reader>,
) -> Flow {
    let Prepared { file, query, text, parsed } = prepared;
    let Some(Parsed { expr, scan }) = parsed else { return Flow::unknown() };
    let outcome = flow::follow(vocabulary, recorded, query, text, expr, scan);
    readers.push(Reader::new(prepared, scan, &outcome));
    let expr = outcome.findings.into_iter().map(|(finding, place)| (finding, query.expr.in_file(&place)));
    let texts = templates::check(query, &outcome.flow);
    if let Some(found) = found.get_mut(file.index) {
        found.extend(expr.chain(texts));
    }
    outcome.flow
}

/// The metrics that nothing uses.
fn unused(contract: &OwnedContract, readers: &[Reader]) -> Vec<Finding> {
    let used: BTreeSet<_> = readers.iter().flat_map(|reader| &reader.metrics).collect();
    let unused = contract.metrics.iter().filter(|metric| !used.contains(&metric.name));
    unused.map(|metric| catalog::UNUSED.finding(&metric.name, "no query of the given files uses it")).collect()
}
