//! Follows series through an expression: which labels they carry, and what their values mean.

mod aggregation;
mod binary;
mod call;
mod pattern;
mod scale;
mod selector;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use promql_parser::parser::Expr;
use promql_parser::parser::value::ValueType;

pub(super) use super::label_set::{LabelSet, Presence, Why};
pub(super) use scale::Scale;

use super::catalog;
use super::query::{Purpose, Query};
use super::variables::{self, Substituted, is_variable};
use super::vocabulary::{Part, Vocabulary};
use crate::report::finding::{Finding, Rule};
use crate::report::nearest::did_you_mean;
use crate::tools::promql::Scan;

/// What is known of the result of a part of an expression.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    pub(super) labels: LabelSet,
    /// The contract's metric that the values come from; nothing behind arithmetic.
    pub(super) origin: Option<Origin>,
    /// What the numbers are in.
    pub(super) scale: Option<Scale>,
    /// The counters whose values nothing has made a rate of yet.
    raw: Vec<Raw>,
    /// A metric of the contract that takes part, which findings are about.
    pub(super) subject: Option<String>,
    /// Whether it is made of numbers alone.
    constant: bool,
}

/// Where values come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) metric: String,
    pub(super) part: Part,
    pub(super) state: State,
}

/// What has become of a metric's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// They only grow, and begin again at a restart.
    Counter,
    /// They go up and down.
    Gauge,
    /// How fast a counter grows, or by how much.
    Rate,
}

/// A counter that is used as it is, and the number of its selector.
#[derive(Clone, Debug)]
struct Raw {
    metric: String,
    selector: usize,
    /// Whether its value is compared, or reckoned with.
    valued: bool,
}

/// The same counters, whose values matter.
fn valued(raw: Vec<Raw>) -> impl Iterator<Item = Raw> {
    raw.into_iter().map(|raw| Raw { valued: true, ..raw })
}

impl Flow {
    /// Of which nothing is known.
    pub(super) fn unknown() -> Self {
        Self { labels: LabelSet::unknown(), origin: None, scale: None, raw: Vec::new(), subject: None, constant: false }
    }

    /// Numbers alone, which carry no labels.
    fn numbers(why: &str) -> Self {
        Self { labels: LabelSet::none(Why::Lost(why.to_owned())), constant: true, ..Self::unknown() }
    }

    /// The same series with values that say something else.
    fn other_values(self) -> Self {
        Self { origin: None, scale: None, ..self }
    }

    /// Series that are from one of two results.
    pub(super) fn or(self, other: Self) -> Self {
        let labels = self.labels.or(&other.labels);
        // A number that stands in for what is missing says nothing of the rest.
        let (mut first, second) = if self.constant { (other, self) } else { (self, other) };
        if !second.constant {
            first.origin = first.origin.filter(|origin| second.origin.as_ref() == Some(origin));
            first.scale = first.scale.filter(|scale| second.scale.as_ref() == Some(scale));
        }
        first.raw.extend(second.raw);
        first.subject = first.subject.or(second.subject);
        Self { labels, ..first }
    }

    /// What a recording rule leaves of it, under a name of its own.
    pub(super) fn recorded(mut self, rule: &Query) -> Self {
        rule.labels.iter().for_each(|label| self.labels.set(label, Presence::Guaranteed));
        for label in &rule.removed {
            self.labels.forbid(label, Why::Lost(format!("the recording rule sets `{label}` to nothing")));
        }
        // Using a counter as it is was said where it is recorded.
        self.raw.clear();
        self
    }
}

/// What an expression selects, returns, and does wrong.
pub(super) struct Outcome {
    pub(super) flow: Flow,
    /// What is wrong, and where in the expression as written.
    pub(super) findings: Vec<(Finding, Range<usize>)>,
    /// The metrics of the contract that are selected.
    pub(super) used: BTreeSet<String>,
    /// The labels at each place where one series more or less is another result.
    pub(super) told_apart: Vec<LabelSet>,
}

/// One expression on its way through.
pub(super) struct Walk<'a> {
    vocabulary: &'a Vocabulary<'a>,
    /// What recording rules leave under their names.
    recorded: &'a BTreeMap<String, Flow>,
    query: &'a Query,
    text: &'a Substituted,
    scan: &'a Scan,
    /// How many of each have been met.
    selectors: usize,
    calls: usize,
    aggregations: usize,
    operators: usize,
    findings: Vec<(Finding, Range<usize>)>,
    used: BTreeSet<String>,
    told_apart: Vec<LabelSet>,
}

/// Follows an expression from its selectors to its result.
pub(super) fn follow(
    vocabulary: &Vocabulary<'_>,
    recorded: &BTreeMap<String, Flow>,
    query: &Query,
    text: &Substituted,
    expr: &Expr,
    scan: &Scan,
) -> Outcome {
    let mut walk = Walk {
        vocabulary,
        recorded,
        query,
        text,
        scan,
        selectors: 0,
        calls: 0,
        aggregations: 0,
        operators: 0,
        findings: Vec::new(),
        used: BTreeSet::new(),
        told_apart: Vec::new(),
    };
    let flow = walk.expr(expr);
    if query.purpose != Purpose::Variable {
        walk.raw_counters(&flow);
    }
    Outcome { flow, findings: walk.findings, used: walk.used, told_apart: walk.told_apart }
}

impl Walk<'_> {
    fn expr(&mut self, expr: &Expr) -> Flow {
        match expr {
            Expr::VectorSelector(selector) => self.selector(selector),
            Expr::MatrixSelector(matrix) => self.selector(&matrix.vs),
            Expr::Paren(paren) => self.expr(&paren.expr),
            Expr::Subquery(subquery) => self.expr(&subquery.expr),
            Expr::Unary(unary) => {
                let flow = self.expr(&unary.expr);
                if flow.constant { flow } else { flow.other_values() }
            }
            Expr::Call(call) => self.call(call),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Binary(binary) => self.binary(binary),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) => Flow::numbers("a number has no labels"),
            Expr::Extension(_) => Flow::unknown(),
        }
    }

    /// Adds a finding about these bytes of the text that was parsed.
    fn find(&mut self, rule: &Rule, subject: &str, message: String, place: Option<&Range<usize>>) {
        let whole = 0..self.text.text.trim_end().len();
        let place = self.text.written(place.unwrap_or(&whole));
        let message = format!("{} {}", self.query.consumer, variables::readable(&message));
        self.findings.push((rule.finding(subject, message), place));
    }

    /// Says so if a label that an operation names cannot be there; `what` is what the operation does with it.
    fn expect_label(&mut self, flow: &Flow, label: &str, what: &str, place: Option<&Range<usize>>) {
        if is_variable(label) || label.starts_with("__") {
            return;
        }
        let Some(subject) = flow.subject.clone() else { return };
        match flow.labels.why(label).cloned() {
            Some(Why::NotOf(metric)) => {
                let nearest = did_you_mean(label, flow.labels.possible());
                let message = format!("{what} `{label}`, which `{metric}` does not have{nearest}");
                self.find(&catalog::UNKNOWN_LABEL, &metric, message, place);
            }
            Some(Why::Lost(how)) => {
                let message = format!("{what} `{label}`, which is not there: {how}");
                self.find(&catalog::DEAD_LABEL, &subject, message, place);
            }
            None => {}
        }
    }

    fn raw_counters(&mut self, flow: &Flow) {
        let mut said = BTreeSet::new();
        for Raw { metric, selector, .. } in flow.raw.iter().filter(|raw| said.insert(raw.selector)) {
            let place = self.scan.selectors.get(*selector).map(|selector| selector.name.clone());
            let message = format!("uses the counter `{metric}` without `rate` or `increase`");
            self.find(&catalog::COUNTER_WITHOUT_RATE, metric, message, place.as_ref());
        }
    }
}

fn is_vector(expr: &Expr) -> bool {
    matches!(expr.value_type(), ValueType::Vector | ValueType::Matrix)
}

#[cfg(test)]
mod tests;
