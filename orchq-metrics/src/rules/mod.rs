//! Checks rules and dashboards against a contract: the command `rules`.
//!
//! A query that selects a metric, a label or a value that is not there returns nothing, and an alert on nothing
//! stays silent. Here the contract says what is there, so that no server has to be asked and nothing has to be
//! running: each selector is followed through its expression, with what is known of its labels and values.
//!
//! ```
//! use orchq_metrics::OwnedContract;
//! use orchq_metrics::rules::{Options, Source, check};
//!
//! let text = "
//! groups:
//!   - name: queue
//!     rules:
//!       - alert: QueueIsLong
//!         expr: sum by (pool_ids) (queue_depth{engine=\"vlm\"}) > 100
//! ";
//! let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
//! let report = check(&contract, &[Source::new("queue.yml", text)], &Options::default());
//!
//! let found: Vec<_> = report.findings.iter().map(|finding| (finding.rule, finding.message.as_str())).collect();
//! assert_eq!(found[0].0, "rules-unknown-label");
//! assert!(found[0].1.contains("groups by `pool_ids`, which `queue_depth` does not have; did you mean `pool_id`?"));
//! assert_eq!(found[1].0, "rules-unknown-value");
//! assert!(found[1].1.contains("did you mean `vllm`?"));
//! ```

mod allowances;
pub(crate) mod catalog;
mod document;
mod flow;
mod grafana;
mod json;
mod prometheus;
mod promql;
mod query;
mod recorded;
mod templates;
mod text;
mod tree;
mod variables;
mod vocabulary;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use self::allowances::Allowances;
use self::flow::Flow;
use self::promql::{Malformed, Parsed};
use self::query::{Purpose, Query, Reading};
use self::text::{File, line_starts};
use self::variables::{Guess, Substituted, substitute};
use self::vocabulary::{Vocabulary, own_families};
use crate::finding::Finding;
use crate::owned::OwnedContract;
use crate::report::Report;

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
pub struct Options {
    /// The labels that are added to every series on the way: by the scrape, by relabelling, by a federation.
    /// `job` and `instance`, which every scrape adds, by default.
    pub target_labels: Vec<String>,
    /// Whether a metric that no query uses is a finding.
    pub unused: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { target_labels: vec!["job".to_owned(), "instance".to_owned()], unused: false }
    }
}

impl Options {
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

/// A query, ready to be followed.
struct Prepared<'a> {
    file: usize,
    query: &'a Query,
    text: Substituted,
    parsed: Option<Parsed>,
}

/// What is found in the files, each finding at its place.
struct Found<'a> {
    files: &'a [File<'a>],
    findings: Vec<(usize, Range<usize>, Finding)>,
}

impl Found<'_> {
    /// Adds a finding at these bytes of a query's expression.
    fn push(&mut self, prepared: &Prepared<'_>, finding: Finding, place: &Range<usize>) {
        self.at(prepared.file, finding, prepared.query.expr.in_file(place));
    }

    /// Adds a finding at these bytes of a file.
    fn at(&mut self, file: usize, finding: Finding, place: Range<usize>) {
        if let Some(source) = self.files.get(file) {
            self.findings.push((file, place.clone(), finding.at(source.location(place))));
        }
    }
}

/// Checks rule files, `PrometheusRule` manifests and Grafana dashboards against a contract.
///
/// All files are read first: a recording rule of one is known in all others. A file that cannot be read, and an
/// expression that cannot be parsed, are findings. The report counts queries.
#[must_use]
pub fn check(contract: &OwnedContract, files: &[Source<'_>], options: &Options) -> Report {
    let lines: Vec<_> = files.iter().map(|file| line_starts(file.text)).collect();
    let sources: Vec<_> =
        files.iter().zip(&lines).map(|(file, lines)| File { name: file.name, text: file.text, lines }).collect();
    let readings: Vec<_> = sources.iter().map(|file| document::read(*file)).collect();
    let own = own_families();
    let vocabulary = Vocabulary::new(contract, &own, &options.target_labels);

    let mut found = Found { files: &sources, findings: Vec::new() };
    let mut report = Report::default();
    let mut queries = Vec::new();
    for (index, reading) in readings.iter().enumerate() {
        report.examined += reading.queries.len();
        for query in &reading.queries {
            queries.push(prepare(index, query, &mut found));
        }
        skipped(index, reading, &mut found);
    }
    let used = follow(&vocabulary, &queries, &mut found);

    let findings = found.findings;
    for (index, reading) in readings.into_iter().enumerate() {
        let allowances = Allowances::new(sources.get(index), &reading.queries);
        let of_file = findings.iter().filter(|(file, ..)| *file == index);
        let kept = of_file.filter(|(_, place, finding)| !allowances.allow(place, finding.rule));
        let mut all: Vec<_> = kept.map(|(.., finding)| finding.clone()).collect();
        all.extend(reading.findings);
        all.extend(allowances.into_findings());
        // As in the text, whatever order the recording rules were followed in.
        all.sort_by_key(|finding| finding.location.as_ref().map(|location| (location.line, location.column)));
        report.extend(all);
    }
    if options.unused {
        report.extend(unused(contract, &used));
    }
    report
}

/// Parses a query's expression, and says so if it cannot be.
fn prepare<'a>(file: usize, query: &'a Query, found: &mut Found<'_>) -> Prepared<'a> {
    let with = |text: Substituted, parsed| Prepared { file, query, text, parsed };
    if query.purpose == Purpose::Names {
        // `metrics(pattern)` is a selector of the name.
        let pattern = query.expr.value.replace('\\', "\\\\").replace('"', "\\\"");
        let text = Substituted::verbatim(&format!("{{__name__=~\"{pattern}\"}}"));
        let parsed = promql::read(&text.text).ok();
        return with(text, parsed);
    }
    if query.variables.is_none() {
        let text = Substituted::verbatim(&query.expr.value);
        return match promql::read(&text.text) {
            Ok(parsed) => with(text, Some(parsed)),
            Err(malformed) => {
                let unread = with(text, None);
                found.push(&unread, syntax(query, &malformed), &malformed.place);
                unread
            }
        };
    }
    // Only the grammar knows whether a variable is a name or a number.
    let text = substitute(&query.expr, Guess::Name);
    let malformed = match promql::read(&text.text) {
        Ok(parsed) => return with(text, Some(parsed)),
        Err(malformed) => malformed,
    };
    let place = text.written(&malformed.place);
    let unread = if text.has_variables() {
        let numbers = substitute(&query.expr, Guess::Number);
        match promql::read(&numbers.text) {
            Ok(parsed) => return with(numbers, Some(parsed)),
            Err(_) => with(text, None),
        }
    } else {
        with(text, None)
    };
    let finding = if unread.text.has_variables() {
        let message = format!("{} has variables where only Grafana can tell what they become", query.consumer);
        catalog::SKIPPED.finding(found.files.get(file).map_or("", |file| file.name), message)
    } else {
        syntax(query, &malformed)
    };
    found.push(&unread, finding, &place);
    unread
}

fn syntax(query: &Query, malformed: &Malformed) -> Finding {
    let subject = match &query.purpose {
        Purpose::Record(name) => name.as_str(),
        _ => "promql",
    };
    catalog::SYNTAX
        .finding(subject, format!("{} has an expression that is no PromQL: {}", query.consumer, malformed.message))
}

/// Says how many queries of a file are for other data sources.
fn skipped(index: usize, reading: &Reading, found: &mut Found<'_>) {
    if let (Some(file), 1..) = (found.files.get(index), reading.foreign) {
        let queries = if reading.foreign == 1 { "query is" } else { "queries are" };
        let message = format!("{} {queries} for other data sources than Prometheus", reading.foreign);
        found.at(index, catalog::SKIPPED.finding(file.name, message), 0..0);
    }
}

/// Follows every query, recording rules first, and returns the metrics that are used.
fn follow(vocabulary: &Vocabulary<'_>, queries: &[Prepared<'_>], found: &mut Found<'_>) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let mut recorded: BTreeMap<String, Flow> = BTreeMap::new();
    for (name, rules) in recorded::order(queries) {
        let mut flow: Option<Flow> = None;
        for prepared in rules {
            let result = one(vocabulary, &recorded, prepared, found, &mut used).recorded(&prepared.query.labels);
            flow = Some(match flow {
                Some(other) => other.or(result),
                None => result,
            });
        }
        recorded.extend(flow.map(|flow| (name.to_owned(), flow)));
    }
    for prepared in queries.iter().filter(|prepared| !matches!(prepared.query.purpose, Purpose::Record(_))) {
        one(vocabulary, &recorded, prepared, found, &mut used);
    }
    used
}

/// Follows one query.
fn one(
    vocabulary: &Vocabulary<'_>,
    recorded: &BTreeMap<String, Flow>,
    prepared: &Prepared<'_>,
    found: &mut Found<'_>,
    used: &mut BTreeSet<String>,
) -> Flow {
    let Prepared { query, text, parsed, .. } = prepared;
    let Some(Parsed { expr, scan }) = parsed else { return Flow::unknown() };
    let outcome = flow::follow(vocabulary, recorded, query, text, expr, scan);
    for (finding, place) in outcome.findings {
        found.push(prepared, finding, &place);
    }
    for (finding, place) in templates::check(query, &outcome.flow) {
        found.at(prepared.file, finding, place);
    }
    used.extend(outcome.used);
    outcome.flow
}

/// The metrics that nothing uses.
fn unused(contract: &OwnedContract, used: &BTreeSet<String>) -> Vec<Finding> {
    let unused = contract.metrics.iter().filter(|metric| !used.contains(&metric.name));
    unused.map(|metric| catalog::UNUSED.finding(&metric.name, "no query of the given files uses it")).collect()
}
