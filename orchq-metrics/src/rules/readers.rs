//! Who reads what: what a comparison of two contracts asks of each query.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Prepared;
use super::flow::{LabelSet, Outcome};
use super::promql::Scan;
use super::query::Purpose;
use crate::finding::Location;

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
    /// The labels of what it returns.
    labels: LabelSet,
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
            labels: outcome.flow.labels.clone(),
        }
    }

    /// Whether what it returns carries a label by one contract otherwise than by another.
    pub(crate) fn returns_otherwise(&self, other: &Self, label: &str) -> bool {
        self.labels.presence(label) != other.labels.presence(label)
    }
}

/// The places of everything that can be a label's name.
fn named(scan: &Scan) -> impl Iterator<Item = &Range<usize>> {
    let matchers = scan.selectors.iter().flat_map(|selector| &selector.matchers).map(|matcher| &matcher.label);
    let grouped = scan.aggregations.iter().flat_map(|aggregation| &aggregation.labels);
    let matched = scan.operators.iter().flat_map(|operator| operator.matching.iter().chain(&operator.group));
    matchers.chain(grouped).chain(matched).chain(scan.calls.iter().flat_map(|call| &call.strings))
}
