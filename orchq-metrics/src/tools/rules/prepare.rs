//! Parses the expression of a query, whatever its variables stand for.

use std::ops::Range;

use super::catalog;
use super::query::{Purpose, Query};
use super::text::File;
use super::variables::{NAMES, NUMBERS, Substituted, substitute};
use crate::report::finding::Finding;
use crate::tools::promql::{self, Malformed, Parsed};

/// How many variables may each be a name or a number: every one more doubles what has to be tried.
const MOST_GUESSED: usize = 5;

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
    let mut failure = None;
    for text in attempts(query) {
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
        _ if malformed.beyond => {
            let message = format!("{} has an expression that was not checked: {}", query.consumer, malformed.message);
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

/// The texts that a query's expression may stand for, the likeliest first.
fn attempts(query: &Query) -> impl Iterator<Item = Substituted> {
    let expr = &query.expr;
    let first = match query.purpose {
        // `metrics(pattern)` is a selector of the name.
        Purpose::Names => Substituted::verbatim(&names(&expr.value)),
        _ if query.variables.is_none() => Substituted::verbatim(&expr.value),
        _ => substitute(expr, NAMES),
    };
    // Only the grammar knows whether a variable is a name or a number.
    let guessed = first.guessed();
    let mixed = if (2..=MOST_GUESSED).contains(&guessed) { 1..(1 << guessed) - 1 } else { 0..0 };
    let all = (guessed > 0).then_some(NUMBERS);
    std::iter::once(first).chain(all.into_iter().chain(mixed).map(|guess| substitute(expr, guess)))
}

/// A selector of all names that match a pattern.
fn names(pattern: &str) -> String {
    format!("{{__name__=~{}}}", promql::literal(pattern))
}
