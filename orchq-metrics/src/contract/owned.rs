//! A contract as owned data: read from a file or a binary, or copied from code.

use std::borrow::Cow;

use crate::declare::desc::{MetricDesc, MetricKind, limits, promise_the_same};
use crate::declare::label::{self, LabelDesc, LabelValues};
use crate::declare::lifecycle::{Deprecation, OldName, served_names};
use crate::declare::rules::UnitRule;

/// The suffixes of a histogram's series.
pub(crate) const HISTOGRAM_SUFFIXES: [&str; 3] = ["_bucket", "_sum", "_count"];

/// A [`Contract`](crate::Contract) as owned data, from code, a file or a binary.
///
/// ```
/// use orchq_metrics::OwnedContract;
///
/// let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
/// assert_eq!(contract.metric("queue_depth").unwrap().label("engine").unwrap().name, "engine");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OwnedContract {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The doc comment of its module, as Markdown.
    pub doc: String,
    /// Its metrics, in order.
    pub metrics: Vec<OwnedMetric>,
}

/// One metric of an [`OwnedContract`]: a [`MetricDesc`] as owned data.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OwnedMetric {
    /// The family's name.
    pub name: String,
    /// The family's kind.
    pub kind: MetricKind,
    /// The unit, as [`Unit::as_str`](crate::Unit::as_str) spells it.
    pub unit: String,
    /// The least and greatest value, if it states others than its unit: see [`range`](Self::range).
    pub stated_range: Option<(f64, f64)>,
    /// Its help text.
    pub help: String,
    /// Its heading in the rendered document.
    pub section: String,
    /// The requirement that it answers.
    pub requirement: Option<String>,
    /// Its labels, in order.
    pub labels: Vec<OwnedLabel>,
    /// A histogram's upper bounds, ascending, `+Inf` left out.
    pub buckets: Vec<f64>,
    /// How many series the family holds at most in one process.
    pub series_limit: u32,
    /// The name that it had before, under which it is served too.
    pub renamed_from: Option<OldName<String>>,
    /// The deprecation, if the contract states one.
    pub deprecated: Option<Deprecation<String>>,
}

/// One label of an [`OwnedMetric`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OwnedLabel {
    /// Its name.
    pub name: String,
    /// The values that it can take.
    pub values: OwnedValues,
    /// Whether only some series carry it.
    pub conditional: bool,
    /// For a conditional label, which series may carry it.
    pub conditions: Vec<OwnedCondition>,
}

/// The values of an [`OwnedLabel`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnedValues {
    /// Exactly these.
    Closed(Vec<String>),
    /// Any, up to a budget of distinct values in one process.
    Open {
        /// The budget.
        budget: u32,
    },
}

/// Which series may carry a conditional label: a [`Condition`](label::Condition) as owned data.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OwnedCondition {
    /// Only where another label has one of these values.
    OnlyWith {
        /// The other label.
        label: String,
        /// Its values.
        values: Vec<String>,
    },
    /// Only where another label is absent.
    NotWith {
        /// The other label.
        label: String,
    },
}

impl OwnedContract {
    /// The metric of this name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&OwnedMetric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }

    /// The metric that a series of this name belongs to: a histogram has `_bucket`, `_sum` and `_count`, and a renamed
    /// metric has its old name too.
    ///
    /// ```
    /// let contract = orchq_metrics::OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    /// assert_eq!(contract.metric_of_series("latency_decode_ms_bucket").unwrap().name, "latency_decode_ms");
    /// assert!(contract.metric_of_series("queue_depth_bucket").is_none());
    /// ```
    #[must_use]
    pub fn metric_of_series(&self, series: &str) -> Option<&OwnedMetric> {
        let is_of = |metric: &&OwnedMetric| {
            metric.series_names().any(|name| name == series) || metric.renamed(series).is_some()
        };
        self.metrics.iter().find(is_of)
    }
}

impl OwnedMetric {
    /// The label of this name.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&OwnedLabel> {
        self.labels.iter().find(|label| label.name == name)
    }

    /// The labels that every series carries.
    pub(crate) fn required_labels(&self) -> impl Iterator<Item = &OwnedLabel> {
        self.labels.iter().filter(|label| !label.conditional)
    }

    /// The names that it is served under, each with its help text.
    pub(crate) fn served_names(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        served_names(&self.name, &self.help, self.renamed_from.as_ref(), self.deprecated.as_ref())
    }

    /// The help text that it is served with, under its own name.
    #[cfg(feature = "tools")]
    pub(crate) fn served_help(&self) -> Cow<'_, str> {
        self.served_names().next().map_or(Cow::Borrowed(""), |(_, help)| help)
    }

    /// Whether its family is served under this name.
    #[cfg(feature = "tools")]
    pub(crate) fn serves(&self, name: &str) -> bool {
        self.name == name || self.renamed_from.as_ref().is_some_and(|old| old.name == name)
    }

    /// For a series under the old name, that name with its versions, and the series under the new one.
    pub(crate) fn renamed(&self, series: &str) -> Option<(&OldName<String>, String)> {
        let old = self.renamed_from.as_ref()?;
        let suffix = series.strip_prefix(&*old.name)?;
        let new = [self.name.as_str(), suffix].concat();
        let is_of_it = suffix.is_empty() || self.series_names().any(|name| name == new);
        (is_of_it && self.series_names().all(|name| name != series)).then_some((old, new))
    }

    /// The same as [`MetricDesc::promises_the_same`].
    pub(crate) fn promises_the_same(&self, other: &Self) -> bool {
        promise_the_same!(self, other)
    }

    /// The series that has one sample for each label set: of a histogram, its count.
    #[cfg(feature = "tools")]
    pub(crate) fn main_series(&self) -> String {
        match self.kind {
            MetricKind::Histogram => format!("{}_count", self.name),
            MetricKind::Counter | MetricKind::Gauge => self.name.clone(),
        }
    }

    /// The names that its series have in a scrape.
    pub fn series_names(&self) -> impl Iterator<Item = String> {
        let suffixes: &[&str] = match self.kind {
            MetricKind::Histogram => &HISTOGRAM_SUFFIXES,
            MetricKind::Counter | MetricKind::Gauge => &[""],
        };
        suffixes.iter().map(|suffix| [self.name.as_str(), suffix].concat())
    }

    /// The least and greatest value that make sense, as [`MetricDesc::range`].
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        limits(self.stated_range.unwrap_or_else(|| UnitRule::range_of(&self.unit)))
    }
}

impl From<&MetricDesc> for OwnedMetric {
    fn from(desc: &MetricDesc) -> Self {
        Self {
            name: desc.name.to_owned(),
            kind: desc.kind,
            unit: desc.unit.as_str().to_owned(),
            stated_range: desc.stated_range,
            help: desc.help.to_owned(),
            section: desc.section.to_owned(),
            requirement: desc.requirement.map(str::to_owned),
            labels: desc.labels.iter().map(OwnedLabel::from).collect(),
            buckets: desc.buckets.to_vec(),
            series_limit: desc.series_limit,
            renamed_from: desc.renamed_from.map(OldName::from),
            deprecated: desc.deprecated.map(Deprecation::from),
        }
    }
}

impl From<&LabelDesc> for OwnedLabel {
    fn from(desc: &LabelDesc) -> Self {
        Self {
            name: desc.name.to_owned(),
            values: match desc.values {
                LabelValues::Closed(values) => OwnedValues::Closed(owned(values)),
                LabelValues::Open { budget, .. } => OwnedValues::Open { budget },
            },
            conditional: desc.conditional,
            conditions: desc.conditions.iter().map(OwnedCondition::from).collect(),
        }
    }
}

impl From<&label::Condition> for OwnedCondition {
    fn from(condition: &label::Condition) -> Self {
        match condition {
            label::Condition::OnlyWith { label, values } => {
                Self::OnlyWith { label: (*label).to_owned(), values: owned(values) }
            }
            label::Condition::NotWith { label } => Self::NotWith { label: (*label).to_owned() },
        }
    }
}

fn owned(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}
