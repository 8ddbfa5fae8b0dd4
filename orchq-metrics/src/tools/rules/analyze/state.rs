//! What is known of the result of a part of an expression.

use super::scale::Scale;
use crate::tools::promql::Place;
use crate::tools::rules::known_metrics::Part;
use crate::tools::rules::label_set::{LabelSet, Presence, Why};
use crate::tools::rules::query::Query;

/// The labels of a result, and what its values mean.
#[derive(Clone, Debug)]
pub(crate) struct LabelState {
    pub(crate) labels: LabelSet,
    /// A metric of the contract that takes part, which findings are about.
    pub(crate) subject: Option<String>,
    /// The metric whose values these are; `None` after arithmetic.
    pub(super) origin: Option<Origin>,
    pub(super) scale: Option<Scale>,
    /// Counters that have not been through `rate` yet.
    pub(super) raw: Vec<RawCounter>,
    /// Whether it is made of numbers alone.
    pub(super) is_constant: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) metric: String,
    pub(super) part: Part,
    pub(super) kind: ValueKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ValueKind {
    Counter,
    Gauge,
    /// How fast a counter grows, or by how much.
    Rate,
}

/// A counter that is used without a rate.
#[derive(Clone, Debug)]
pub(super) struct RawCounter {
    pub(super) metric: String,
    pub(super) place: Place,
    /// Whether its value is compared or calculated with, and not only its presence.
    pub(super) is_valued: bool,
}

pub(super) fn valued(raw: Vec<RawCounter>) -> Vec<RawCounter> {
    raw.into_iter().map(|raw| RawCounter { is_valued: true, ..raw }).collect()
}

impl LabelState {
    pub(crate) fn unknown() -> Self {
        let labels = LabelSet::unknown();
        Self { labels, subject: None, origin: None, scale: None, raw: Vec::new(), is_constant: false }
    }

    pub(super) fn numbers(why: &str) -> Self {
        Self { labels: LabelSet::none(Why::Lost(why.to_owned())), is_constant: true, ..Self::unknown() }
    }

    pub(super) fn other_values(self) -> Self {
        Self { origin: None, scale: None, ..self }
    }

    /// The same series, where only their presence matters.
    pub(super) fn presence(self) -> Self {
        Self { raw: Vec::new(), ..self.other_values() }
    }

    /// Series from either of two results.
    pub(crate) fn or(self, other: Self) -> Self {
        let labels = self.labels.or(&other.labels);
        // A number that replaces missing series says nothing about the series that are there.
        let (mut first, second) = if self.is_constant { (other, self) } else { (self, other) };
        if !second.is_constant {
            first.origin = first.origin.filter(|origin| second.origin.as_ref() == Some(origin));
            first.scale = first.scale.filter(|scale| second.scale.as_ref() == Some(scale));
        }
        first.raw.extend(second.raw);
        first.subject = first.subject.or(second.subject);
        Self { labels, ..first }
    }

    /// The series that a recording rule makes of it.
    pub(crate) fn recorded(mut self, rule: &Query) -> Self {
        rule.labels.iter().for_each(|label| self.labels.set(label, Presence::Guaranteed));
        for label in &rule.removed {
            self.labels.forbid(label, format!("the recording rule sets `{label}` to nothing"));
        }
        // A counter without a rate is reported where it is recorded.
        self.raw.clear();
        self
    }
}
