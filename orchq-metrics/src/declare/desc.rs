//! Descriptions of metrics, as plain `&'static` data: all that checks, renders or serves a contract reads these.

use std::borrow::Cow;
use std::fmt;

use crate::declare::label::{LabelDesc, LabelValues};
use crate::declare::lifecycle::{Deprecation, OldName, served_names};
use crate::declare::rules::UnitRule;

/// The kind of a metric family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum MetricKind {
    /// A sum that only grows.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// Observations counted into buckets.
    Histogram,
}

impl MetricKind {
    /// All kinds.
    pub const ALL: &'static [Self] = &[Self::Counter, Self::Gauge, Self::Histogram];

    /// The kind that the exposition's `# TYPE` line spells so.
    #[cfg(feature = "tools")]
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
    }

    /// The kind as the exposition's `# TYPE` line spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

impl fmt::Display for MetricKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The unit of a metric's values, as its contract states it.
///
/// The unit decides the Rust type that is recorded: see the table at
/// [`contract`](macro@crate::contract).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// A count of what the name says, written `1`.
    One,
    /// A count of tokens.
    Tokens,
    /// A share of a whole, from 0 to 1.
    Ratio,
    /// A share of a whole, from 0 to 100.
    Percent,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Any other: a base unit such as `celsius`, or a counted noun in braces
    /// such as `{request}`.
    Other(&'static str),
}

impl Unit {
    /// The unit as the contract spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Tokens => "tokens",
            Self::Ratio => "ratio",
            Self::Percent => "percent",
            Self::Bytes => "bytes",
            Self::Milliseconds => "milliseconds",
            Self::Seconds => "seconds",
            Self::Other(name) => name,
        }
    }

    /// The least and greatest value that make sense, for the units that have them.
    ///
    /// ```
    /// assert_eq!(orchq_metrics::Unit::Percent.range(), Some((0.0, 100.0)));
    /// assert_eq!(orchq_metrics::Unit::Bytes.range(), Some((0.0, f64::INFINITY)));
    /// assert_eq!(orchq_metrics::Unit::Other("celsius").range(), Some((-273.15, f64::INFINITY)));
    /// assert_eq!(orchq_metrics::Unit::One.range(), None);
    /// ```
    #[must_use]
    pub const fn range(self) -> Option<(f64, f64)> {
        limits(UnitRule::range_of(self.as_str()))
    }
}

/// A range, or `None` if any number is in it.
pub(crate) const fn limits((least, greatest): (f64, f64)) -> Option<(f64, f64)> {
    if least.is_finite() || greatest.is_finite() { Some((least, greatest)) } else { None }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Unit {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One metric of a contract.
///
/// Built by [`contract`](macro@crate::contract). Two are equal if every field but the location of the declaration is.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MetricDesc {
    /// The name of the contract that declares it.
    pub contract: &'static str,
    /// The family's name, as scraped.
    pub name: &'static str,
    /// The family's kind.
    pub kind: MetricKind,
    /// The unit of its values.
    pub unit: Unit,
    /// The least and greatest value, if the declaration states others than the unit: see [`range`](Self::range).
    pub stated_range: Option<(f64, f64)>,
    /// The first paragraph of its doc comment, served as `# HELP`.
    pub help: &'static str,
    /// Its heading in the rendered document.
    pub section: &'static str,
    /// The requirement that it answers, if one is stated.
    pub requirement: Option<&'static str>,
    /// Its labels in order, groups flattened.
    pub labels: &'static [LabelDesc],
    /// A histogram's upper bounds in the metric's unit, ascending, `+Inf` left out;
    /// empty for the other kinds.
    pub buckets: &'static [f64],
    /// How many series the family holds at most; label sets past the limit share one overflow series.
    pub series_limit: u32,
    /// The name that it had before, under which it is served too.
    pub renamed_from: Option<OldName<&'static str>>,
    /// The deprecation, if the contract states one.
    pub deprecated: Option<Deprecation<&'static str>>,
    /// The source file of the declaration, as `file!()` gives it.
    pub file: &'static str,
    /// The line of the declaration.
    pub line: u32,
}

impl MetricDesc {
    /// The least and greatest value that make sense: those that the declaration states, or those of the unit. `None`
    /// if any number does.
    #[must_use]
    pub const fn range(&self) -> Option<(f64, f64)> {
        match self.stated_range {
            Some(range) => limits(range),
            None => self.unit.range(),
        }
    }

    /// The names that it is served under, each with its help text.
    pub(crate) fn served_names(&'static self) -> impl Iterator<Item = (&'static str, Cow<'static, str>)> {
        served_names(self.name, self.help, self.renamed_from.as_ref(), self.deprecated.as_ref())
    }

    /// Whether two metrics promise the same to a consumer: kind, unit, range, labels and buckets, but not help,
    /// section or requirement.
    #[must_use]
    pub fn promises_the_same(&self, other: &Self) -> bool {
        promise_the_same!(self, other)
    }
}

/// Whether two metrics, both static or both owned, promise the same to a consumer.
macro_rules! promise_the_same {
    ($one:expr, $other:expr) => {{
        let (one, other) = ($one, $other);
        one.kind == other.kind
            && one.unit == other.unit
            && one.range() == other.range()
            && one.labels == other.labels
            && one.buckets == other.buckets
    }};
}
pub(crate) use promise_the_same;

/// How many label sets a family has from the start at most, if all are known beforehand.
pub(crate) const MAX_KNOWN_LABEL_SETS: usize = 1024;

/// How many label sets these labels have, if they are known beforehand and few enough.
pub(crate) const fn label_sets(labels: &[LabelDesc]) -> Option<usize> {
    let mut product = 1;
    each!(labels, |label| {
        let LabelValues::Closed(values) = label.values else { return None };
        product *= values.len() + label.conditional as usize;
        if product > MAX_KNOWN_LABEL_SETS {
            return None;
        }
    });
    Some(product)
}

impl PartialEq for MetricDesc {
    fn eq(&self, other: &Self) -> bool {
        self.contract == other.contract
            && self.name == other.name
            && self.help == other.help
            && self.section == other.section
            && self.requirement == other.requirement
            && self.series_limit == other.series_limit
            && self.renamed_from == other.renamed_from
            && self.deprecated == other.deprecated
            && self.promises_the_same(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::rules::{ANY, UNITS};
    use crate::v1::CONTRACT;

    #[test]
    fn a_promise_is_kind_unit_range_labels_and_buckets() {
        let desc = *CONTRACT.metric("latency_decode_ms").expect("declared");
        let differs = |change: fn(&mut MetricDesc)| {
            let mut other = desc;
            change(&mut other);
            !desc.promises_the_same(&other)
        };
        assert!(differs(|other| other.kind = MetricKind::Gauge));
        assert!(differs(|other| other.unit = Unit::Seconds));
        assert!(differs(|other| other.stated_range = Some((-1.0, f64::INFINITY))));
        assert!(differs(|other| other.stated_range = Some((f64::NEG_INFINITY, f64::INFINITY))));
        assert!(!differs(|other| other.stated_range = other.unit.range()));
        assert!(differs(|other| other.labels = &[]));
        assert!(differs(|other| other.buckets = &[1.0]));
        assert!(!differs(|other| (other.help, other.section, other.line) = ("", "", 0)));
        // The budget of an open label, too, and the values of a closed one.
        let open = |budget| LabelValues::Open { budget, table: || unreachable!() };
        assert_ne!(open(1), open(2));
        assert_ne!(LabelValues::Closed(&["a"]), LabelValues::Closed(&["b"]));
    }

    #[test]
    fn a_unit_is_the_same_in_code_and_in_the_table() {
        use Unit::{Bytes, Milliseconds, One, Percent, Ratio, Seconds, Tokens};

        for rule in &UNITS {
            let mut variants = [One, Tokens, Ratio, Percent, Bytes, Milliseconds, Seconds].into_iter();
            let unit = variants.find(|unit| unit.as_str() == rule.name).unwrap_or(Unit::Other(rule.name));
            assert!(format!("{unit:?}").starts_with(rule.variant), "{unit:?}");
            assert_eq!(unit.range().unwrap_or(ANY), rule.range, "{unit}");
        }
    }

    #[test]
    fn too_many_label_sets_are_not_laid_out_beforehand() {
        const MANY: [&str; 512] = ["x"; 512];
        const fn label(values: &'static [&'static str], conditional: bool) -> LabelDesc {
            LabelDesc { name: "", values: LabelValues::Closed(values), conditional, conditions: &[] }
        }
        assert_eq!(label_sets(&[]), Some(1));
        assert_eq!(label_sets(&[label(&MANY, false), label(&["a", "b"], false)]), Some(1024));
        assert_eq!(label_sets(&[label(&MANY, true), label(&["a", "b"], false)]), None);
    }
}
