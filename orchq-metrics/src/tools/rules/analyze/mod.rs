//! Analyzes an expression from its selectors to its result: which labels series have, and what their values mean.

mod aggregation;
mod binary;
mod call;
mod matchers;
mod scale;
mod selector;
mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use self::state::LabelState;

use self::state::RawCounter;
use super::analyzed::AnalyzedQuery;
use super::catalog;
use super::known_metrics::KnownMetrics;
use super::label_set::Why;
use super::parse::{ParsedFile, ParsedQuery};
use super::query::Purpose;
use super::variables::{is_variable, readable};

use crate::report::finding::Rule;
use crate::tools::promql::{Expr, Place, Word};

/// Analyzes an expression, and adds what it finds to its query.
pub(super) struct Analyzer<'a> {
    known: &'a KnownMetrics<'a>,
    /// The series of recording rules, by name.
    recorded: &'a BTreeMap<String, LabelState>,
    file: &'a ParsedFile<'a>,
    parsed: &'a ParsedQuery,
    analyzed: AnalyzedQuery,
}

impl<'a> Analyzer<'a> {
    pub(super) fn new(
        known: &'a KnownMetrics<'a>,
        recorded: &'a BTreeMap<String, LabelState>,
        file: &'a ParsedFile<'a>,
        parsed: &'a ParsedQuery,
    ) -> Self {
        let whole = 0..parsed.text.text.value.trim_end().len();
        let place = file.file.location(parsed.in_file(&whole));
        Self { known, recorded, file, parsed, analyzed: AnalyzedQuery::new(&parsed.query, place) }
    }

    /// What the query does, and what is known of its result.
    pub(super) fn analyze(mut self, expr: &Expr) -> (AnalyzedQuery, LabelState) {
        let state = self.expr(expr);
        if self.parsed.query.purpose != Purpose::Variable {
            self.raw_counters(&state);
        }
        self.analyzed.compared.push(state.labels.clone());
        (self.analyzed, state)
    }

    fn expr(&mut self, expr: &Expr) -> LabelState {
        match expr {
            Expr::Selector(selector) => self.selector(selector),
            Expr::Subquery(inner) => self.expr(inner),
            Expr::Negation(inner) => {
                let state = self.expr(inner);
                if state.is_constant { state } else { state.other_values() }
            }
            Expr::Call(call) => self.call(call),
            Expr::Aggregation(aggregation) => self.aggregation(aggregation),
            Expr::Binary(binary) => self.binary(binary),
            Expr::Number(..) | Expr::Text(_) => LabelState::numbers("a number has no labels"),
        }
    }

    /// Adds a finding about a place of the expression.
    fn find(&mut self, rule: &Rule, subject: &str, message: &str, place: &Place) {
        let message = format!("{} {}", self.parsed.query.consumer, readable(message));
        self.analyzed.findings.extend(self.file.place(rule.finding(subject, message), self.parsed.in_file(place)));
    }

    /// Reports a label that an operation names and that cannot be there; `what` is what the operation does with it.
    fn expect_label(&mut self, state: &LabelState, label: &str, what: &str, place: &Place) {
        if is_variable(label) || label.starts_with("__") {
            return;
        }
        let Some(subject) = &state.subject else { return };
        let (rule, subject) = match state.labels.why(label) {
            Some(Why::NotOf(metric)) => (&catalog::UNKNOWN_LABEL, metric),
            Some(Why::Lost(_)) => (&catalog::DEAD_LABEL, subject),
            None => return,
        };
        let message = format!("{what} `{label}`, {}", state.labels.why_missing(label));
        self.find(rule, subject, &message, place);
    }

    /// Expects the labels of a list, which the query names.
    fn expect_labels(&mut self, state: &LabelState, labels: &[Word], what: &str) {
        for Word { text, place } in labels {
            self.analyzed.labels.insert(text.clone());
            self.expect_label(state, text, what, place);
        }
    }

    fn raw_counters(&mut self, state: &LabelState) {
        let mut reported = BTreeSet::new();
        for RawCounter { metric, place, .. } in state.raw.iter().filter(|raw| reported.insert(raw.place.start)) {
            let message = format!("uses the counter `{metric}` without `rate` or `increase`");
            self.find(&catalog::COUNTER_WITHOUT_RATE, metric, &message, place);
        }
    }
}
