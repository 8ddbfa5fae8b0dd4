//! Which queries read the series of recording rules.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::report::finding::{Finding, Location};
use crate::tools::diff::catalog;
use crate::tools::rules::AnalyzedQuery;

/// The names that rules record, the queries that read them, and the metrics that they are made of.
pub(super) struct Recordings<'a> {
    queries: &'a [AnalyzedQuery],
    /// The indices of the queries that read each, and where.
    readers: BTreeMap<&'a str, Vec<(usize, &'a Location)>>,
    /// The metrics of the contract that each is made of.
    made_of: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Recordings<'a> {
    pub(super) fn new(queries: &'a [AnalyzedQuery]) -> Self {
        let mut made_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for query in queries {
            if let Some(name) = &query.records {
                made_of.entry(name).or_default().extend(query.metrics.iter().map(String::as_str));
            }
        }
        let mut readers: BTreeMap<&str, Vec<(usize, &Location)>> = BTreeMap::new();
        for (index, query) in queries.iter().enumerate() {
            for (series, location) in query.series().filter(|(series, _)| made_of.contains_key(series)) {
                readers.entry(series).or_default().push((index, location));
            }
        }
        let recorded = made_of.keys().copied().collect();
        let mut recordings = Self { queries, readers, made_of: BTreeMap::new() };
        recordings.propagate(recorded, |name, query, _| {
            let metrics = made_of.get(name).cloned().unwrap_or_default();
            let Some(all) = query.records.as_deref().and_then(|recorded| made_of.get_mut(recorded)) else {
                return false;
            };
            let before = all.len();
            all.extend(metrics);
            all.len() > before
        });
        recordings.made_of = made_of;
        recordings
    }

    /// Whether a rule records series of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.made_of.contains_key(name)
    }

    /// Visits the queries that read recorded names, and those that read what such a query records itself, as long as
    /// `visit` returns true.
    fn propagate(
        &self,
        mut names: VecDeque<&'a str>,
        mut visit: impl FnMut(&'a str, &'a AnalyzedQuery, (usize, &'a Location)) -> bool,
    ) {
        while let Some(name) = names.pop_front() {
            for reader in self.readers.get(name).into_iter().flatten() {
                let Some(query) = self.queries.get(reader.0) else { continue };
                if visit(name, query, *reader) {
                    names.extend(query.records.as_deref());
                }
            }
        }
    }

    /// The metrics that a query reads under recorded names: the metric, the name, and where it is.
    pub(super) fn read_by(&self, query: &'a AnalyzedQuery) -> Vec<(&'a str, &'a str, &'a Location)> {
        let mut seen = BTreeSet::new();
        let recorded = query.series().filter_map(|(series, place)| Some((series, place, self.made_of.get(series)?)));
        let all =
            recorded.flat_map(|(series, place, metrics)| metrics.iter().map(move |metric| (*metric, series, place)));
        all.filter(|(metric, ..)| seen.insert(*metric)).collect()
    }

    /// Adds findings for the queries that read what a broken query records, however many rules are between them.
    /// `broken` has the findings of each query.
    pub(super) fn add_downstream(&self, broken: &mut [Vec<Finding>]) {
        let mut causes: BTreeMap<&str, (String, String)> = BTreeMap::new();
        for (query, findings) in self.queries.iter().zip(&*broken) {
            if let (Some(name), Some(finding)) = (&query.records, findings.first()) {
                let why = finding.message.strip_prefix(&*query.consumer).unwrap_or(&finding.message);
                causes.entry(name).or_insert_with(|| (finding.subject.clone(), why.trim_start().to_owned()));
            }
        }
        let names = causes.keys().copied().collect();
        self.propagate(names, |name, query, (index, location)| {
            let Some(cause) = causes.get(name).cloned() else { return false };
            let Some(findings) = broken.get_mut(index).filter(|findings| findings.is_empty()) else { return false };
            let message = format!("{} reads `{name}`, whose recording rule {}", query.consumer, cause.1);
            let help = format!("repair the recording rule of `{name}`, or read something else");
            findings.push(catalog::CONSUMER_BREAKS.finding(&*cause.0, message).help(help).at(location.clone()));
            let recorded = query.records.as_deref().filter(|recorded| !causes.contains_key(recorded));
            recorded.is_some_and(|recorded| causes.insert(recorded, cause).is_none())
        });
    }
}
