//! Who reads what: what a comparison of two contracts asks of each query.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Prepared;
use super::flow::{LabelSet, Outcome};
use super::query::Purpose;
use crate::report::finding::Location;
use crate::tools::promql::Scan;

/// One query, and what it reads.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    /// Who asks, for messages: "alert `X` in group `Y`".
    pub(crate) consumer: String,
    /// The whole expression.
    pub(crate) place: Location,
    /// The name that it records.
    pub(crate) records: Option<String>,
    /// The metrics of the contract that it selects.
    pub(crate) metrics: BTreeSet<String>,
    /// The series that it selects by name, and where.
    pub(crate) series: Vec<(String, Location)>,
    /// The labels that it names.
    pub(crate) names: BTreeSet<String>,
    /// What its matchers of single values select.
    pub(crate) values: Vec<Selected>,
    /// The labels of what it returns, and of what it counts, compares or matches on the way.
    labels: Vec<LabelSet>,
}

/// A matcher by equality, or by one of several values.
#[derive(Clone, Debug)]
pub(crate) struct Selected {
    pub(crate) series: String,
    pub(crate) label: String,
    /// What is written between its quotes.
    value: String,
    pub(crate) place: Location,
    /// Which of the selectors it is in.
    pub(crate) selector: usize,
}

impl Selected {
    /// Whether this is one of the values that it names.
    pub(crate) fn names(&self, value: &str) -> bool {
        self.value.split('|').any(|one| one == value)
    }
}

impl Reader {
    pub(super) fn new(prepared: &Prepared<'_>, scan: &Scan, outcome: &Outcome) -> Self {
        let Prepared { file, query, text, .. } = prepared;
        let written = |place: &Range<usize>| text.text.get(place.clone()).unwrap_or_default().to_owned();
        let location = |place: &Range<usize>| file.location(query.expr.in_file(&text.written(place)));
        let series = scan.selectors.iter().map(|selector| (written(&selector.name), location(&selector.name)));
        let names = named(scan).map(|place| written(place).trim_matches(['"', '\'', '`']).to_owned());
        let wanted = query.wanted.iter().map(|label| label.value.clone());
        Self {
            consumer: query.consumer.clone(),
            place: location(&(0..text.text.trim_end().len())),
            records: match &query.purpose {
                Purpose::Record(name) => Some(name.clone()),
                _ => None,
            },
            metrics: outcome.used.clone(),
            series: series.collect(),
            names: names.chain(wanted).collect(),
            values: selected(scan, written, location),
            labels: outcome.told_apart.iter().chain([&outcome.flow.labels]).cloned().collect(),
        }
    }

    /// Whether a label is on what it returns by one contract otherwise than by another, or on what it counts, compares
    /// or matches on the way.
    pub(crate) fn sees_otherwise(&self, other: &Self, label: &str) -> bool {
        let mut places = self.labels.iter().zip(&other.labels);
        places.any(|(mine, others)| mine.presence(label) != others.presence(label))
    }
}

/// The matchers by single values.
fn selected(
    scan: &Scan,
    written: impl Fn(&Range<usize>) -> String,
    location: impl Fn(&Range<usize>) -> Location,
) -> Vec<Selected> {
    let mut values = Vec::new();
    for (selector, at) in scan.selectors.iter().enumerate() {
        for matcher in &at.matchers {
            let Some(value) = &matcher.value else { continue };
            let operator = written(&(matcher.label.end..value.start));
            if matches!(operator.trim(), "=" | "=~") {
                values.push(Selected {
                    series: written(&at.name),
                    label: written(&matcher.label),
                    value: written(value).trim_matches(['"', '\'', '`']).to_owned(),
                    place: location(value),
                    selector,
                });
            }
        }
    }
    values
}

/// The places of everything that can be a label's name.
fn named(scan: &Scan) -> impl Iterator<Item = &Range<usize>> {
    let matchers = scan.selectors.iter().flat_map(|selector| &selector.matchers).map(|matcher| &matcher.label);
    let grouped = scan.aggregations.iter().flat_map(|aggregation| &aggregation.labels);
    let matched = scan.operators.iter().flat_map(|operator| operator.matching.iter().chain(&operator.group));
    matchers.chain(grouped).chain(matched).chain(scan.calls.iter().flat_map(|call| &call.strings))
}
