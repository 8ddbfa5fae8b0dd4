//! Parses the expression of a query, whatever its variables stand for.

use std::ops::Range;

use super::catalog;
use super::promql::{self, Malformed, Parsed};
use super::query::{Purpose, Query};
use super::text::File;
use super::variables::{Guess, Substituted, substitute};
use crate::finding::Finding;

/// A query, ready to be followed if its expression could be parsed.
pub(super) struct Prepared<'a> {
    pub(super) file: File<'a>,
    pub(super) query: &'a Query,
    pub(super) text: Substituted,
    pub(super) parsed: Option<Parsed>,
}

/// Parses a query's expression, and says so if it cannot be.
pub(super) fn prepare<'a>(file: File<'a>, query: &'a Query) -> (Prepared<'a>, Option<(Finding, Range<usize>)>) {
    let expr = &query.expr;
    let mut attempts = match query.purpose {
        // `metrics(pattern)` is a selector of the name.
        Purpose::Names => vec![Substituted::verbatim(&names(&expr.value))],
        _ if query.variables.is_none() => vec![Substituted::verbatim(&expr.value)],
        // Only the grammar knows whether a variable is a name or a number.
        _ => vec![substitute(expr, Guess::Number), substitute(expr, Guess::Name)],
    };
    let mut failure = None;
    while let Some(text) = attempts.pop() {
        match promql::read(&text.text) {
            Ok(parsed) => return (Prepared { file, query, text, parsed: Some(parsed) }, None),
            Err(malformed) => {
                failure.get_or_insert((text, malformed));
            }
        }
    }
    let (text, malformed) = failure.unwrap_or_else(|| (Substituted::verbatim(""), Malformed::default()));
    let finding = match query.purpose {
        Purpose::Names => None,
        _ if text.has_variables() => {
            let message = format!("{} has variables where only Grafana can tell what they become", query.consumer);
            Some(catalog::SKIPPED.finding(file.name, message))
        }
        _ => {
            let message = format!("{} has an expression that is no PromQL: {}", query.consumer, malformed.message);
            Some(catalog::SYNTAX.finding(file.name, message))
        }
    };
    let place = expr.in_file(&text.written(&malformed.place));
    (Prepared { file, query, text, parsed: None }, finding.map(|finding| (finding, place)))
}

/// A selector of all names that match a pattern.
fn names(pattern: &str) -> String {
    format!("{{__name__=~{}}}", promql::literal(pattern))
}
