//! What one query does with the metrics of a contract.

use std::collections::BTreeSet;

use super::label_set::LabelSet;
use super::query::Query;
use crate::report::finding::{Finding, Location};

/// One query by one contract.
#[derive(Clone, Debug)]
pub(crate) struct AnalyzedQuery {
    /// Where it is used, for messages: "alert `X` in group `Y`".
    pub(crate) consumer: String,
    /// The whole expression.
    pub(crate) location: Location,
    /// The name of the series that it records.
    pub(crate) records: Option<String>,
    /// The metrics of the contract that it selects.
    pub(crate) metrics: BTreeSet<String>,
    pub(crate) selectors: Vec<SelectedSeries>,
    /// The labels that it names.
    pub(crate) labels: BTreeSet<String>,
    /// The labels of its result, and wherever it counts, compares or matches series.
    pub(super) compared: Vec<LabelSet>,
    pub(crate) findings: Vec<Finding>,
}

#[derive(Clone, Debug)]
pub(crate) struct SelectedSeries {
    pub(crate) name: Option<String>,
    pub(crate) location: Location,
    /// Its matchers by `=` and `=~`.
    pub(crate) values: Vec<SelectedValue>,
}

/// A matcher by a value, or by several.
#[derive(Clone, Debug)]
pub(crate) struct SelectedValue {
    pub(crate) label: String,
    pub(crate) pattern: String,
    pub(crate) location: Location,
}

impl SelectedValue {
    /// Whether it names a value, alone or among others.
    pub(crate) fn names(&self, value: &str) -> bool {
        self.pattern.split('|').any(|one| one == value)
    }
}

impl AnalyzedQuery {
    pub(super) fn new(query: &Query, location: Location) -> Self {
        Self {
            consumer: query.consumer.clone(),
            location,
            records: query.records().map(str::to_owned),
            metrics: BTreeSet::new(),
            selectors: Vec::new(),
            labels: query.wanted.iter().map(|label| label.value.clone()).collect(),
            compared: Vec::new(),
            findings: Vec::new(),
        }
    }

    /// The series that it selects by name, and where.
    pub(crate) fn series(&self) -> impl Iterator<Item = (&str, &Location)> {
        self.selectors.iter().filter_map(|series| Some((series.name.as_deref()?, &series.location)))
    }

    /// Whether a label is in its result, or where it counts, compares or matches, by only one of two contracts.
    pub(crate) fn differs(&self, other: &Self, label: &str) -> bool {
        let mut places = self.compared.iter().zip(&other.compared);
        places.any(|(one, other)| one.presence(label) != other.presence(label))
    }
}
