//! Parses the queries of a file, with a replacement for each variable.

use std::ops::Range;

use super::options::Source;
use super::query::{Purpose, Query};
use super::reader::Reader;
use super::suppressions::{Suppressed, suppressions};
use super::text::{File, Found, Text};
use super::variables::{NAMES, NUMBERS, Substituted, substitute};
use super::{catalog, document};
use crate::report::finding::Finding;
use crate::tools::promql::{self, Expr, Place};

/// How many variables may each be a name or a number: each further one doubles the number of attempts.
const MOST_GUESSED: usize = 5;

pub(crate) struct ParsedFile<'a> {
    pub(super) file: File<'a>,
    suppressions: Vec<Suppressed>,
    pub(super) queries: Vec<ParsedQuery>,
    /// Findings about the file itself, not about what its queries select.
    pub(super) findings: Vec<Finding>,
}

/// A query, and its expression if that could be parsed.
pub(crate) struct ParsedQuery {
    pub(super) query: Query,
    pub(super) text: Substituted,
    pub(super) expr: Option<Expr>,
}

impl ParsedQuery {
    /// The bytes of the file that a place of the expression is written on.
    pub(super) fn in_file(&self, place: &Place) -> Range<usize> {
        self.text.text.in_file(place)
    }
}

impl<'a> ParsedFile<'a> {
    pub(crate) fn new(source: &Source<'a>) -> Self {
        let file = File::new(source);
        let Reader { queries, mut findings, foreign, .. } = document::read(&file);
        let (suppressions, wrong) = suppressions(&file, &queries);
        findings.extend(wrong);
        if foreign > 0 {
            let queries = if foreign == 1 { "query is" } else { "queries are" };
            let message = format!("{foreign} {queries} for other data sources than Prometheus");
            findings.push((catalog::SKIPPED.finding(file.name, message), 0..0));
        }
        let mut parsed = Vec::with_capacity(queries.len());
        for query in queries {
            let (query, finding) = parse(&file, query);
            parsed.push(query);
            findings.extend(finding);
        }
        let mut this = Self { file, suppressions, queries: parsed, findings: Vec::new() };
        this.findings = findings.into_iter().filter_map(|(finding, place)| this.place(finding, place)).collect();
        this
    }

    /// A finding at its place, unless it is suppressed there.
    pub(super) fn place(&self, finding: Finding, place: Range<usize>) -> Option<Finding> {
        let mut suppressed = self.suppressions.iter().filter(|(_, extent)| extent.contains(&place.start));
        let is_suppressed = suppressed.any(|(rule, _)| *rule == finding.rule);
        (!is_suppressed).then(|| finding.at(self.file.location(place)))
    }
}

/// Parses a query's expression, or reports why it cannot be parsed.
fn parse(file: &File<'_>, query: Query) -> (ParsedQuery, Option<Found>) {
    let mut failure = None;
    let parsed = attempts(&query).find_map(|text| match promql::parse(&text.text.value) {
        Ok(expr) => Some((text, expr)),
        Err(error) => {
            failure.get_or_insert((text, error));
            None
        }
    });
    if let Some((text, expr)) = parsed {
        return (ParsedQuery { query, text, expr: Some(expr) }, None);
    }
    let (text, error) = failure.unwrap_or_default();
    let (rule, why) = if text.has_variables {
        (&catalog::SKIPPED, "has variables where only Grafana knows their values".to_owned())
    } else if error.is_limit {
        (&catalog::SKIPPED, format!("has an expression that was not checked: {}", error.message))
    } else {
        (&catalog::SYNTAX, format!("has an expression that is not valid PromQL: {}", error.message))
    };
    let finding = rule.finding(file.name, format!("{} {why}", query.consumer));
    let parsed = ParsedQuery { query, text, expr: None };
    let place = parsed.in_file(&error.place);
    let finding = (parsed.query.purpose != Purpose::Names).then_some((finding, place));
    (parsed, finding)
}

/// The texts that a query's expression may become, the likeliest first.
fn attempts(query: &Query) -> impl Iterator<Item = Substituted> {
    let expr = &query.expr;
    let verbatim = |text| Substituted { text, ..Substituted::default() };
    let first = match query.purpose {
        // `metrics(pattern)` is a selector of the name.
        Purpose::Names => {
            let selector = format!("{{__name__=~{}}}", promql::literal(&expr.value));
            let places = (0..=selector.len()).map(|at| expr.place(at)).collect();
            verbatim(Text::mapped(selector, places))
        }
        _ if query.variables.is_none() => verbatim(expr.clone()),
        _ => substitute(expr, NAMES),
    };
    // Only the grammar knows whether a variable is a name or a number.
    let guessed = first.guessed.len();
    let mixed = if (2..=MOST_GUESSED).contains(&guessed) { 1..(1 << guessed) - 1 } else { 0..0 };
    let all = (guessed > 0).then_some(NUMBERS);
    std::iter::once(first).chain(all.into_iter().chain(mixed).map(|guess| substitute(expr, guess)))
}
