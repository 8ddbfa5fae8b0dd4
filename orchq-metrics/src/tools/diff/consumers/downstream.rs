//! Which queries read the series of recording rules.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::finding::{Finding, Location};
use crate::tools::diff::catalog;
use crate::tools::rules::AnalyzedQuery;

/// The names that rules record, and the metrics of the contract that each is made of.
pub(super) struct Recordings<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Recordings<'a> {
    pub(super) fn new(queries: &'a [AnalyzedQuery]) -> Self {
        let mut made_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        // By series: the names of the rules that read it.
        let mut readers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for query in queries {
            let Some(name) = query.records.as_deref() else { continue };
            made_of.entry(name).or_default().extend(query.metrics.iter().map(String::as_str));
            for (series, _) in query.series() {
                readers.entry(series).or_default().insert(name);
            }
        }
        let mut changed: Vec<&str> = made_of.keys().copied().collect();
        while let Some(name) = changed.pop() {
            let metrics = made_of.get(name).cloned().unwrap_or_default();
            for reader in readers.get(name).into_iter().flatten() {
                let known = made_of.entry(reader).or_default();
                let before = known.len();
                known.extend(&metrics);
                if known.len() > before {
                    changed.push(reader);
                }
            }
        }
        Self(made_of)
    }

    /// Whether a rule records series of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The metrics that a query reads under recorded names: the metric, the name, and where it is.
    pub(super) fn read_by(&self, query: &'a AnalyzedQuery) -> Vec<(&'a str, &'a str, &'a Location)> {
        let mut seen = BTreeSet::new();
        let recorded = query.series().filter_map(|(series, place)| Some((series, place, self.0.get(series)?)));
        let all =
            recorded.flat_map(|(series, place, metrics)| metrics.iter().map(move |metric| (*metric, series, place)));
        all.filter(|(metric, ..)| seen.insert(*metric)).collect()
    }
}

/// Adds findings for the queries that read what a broken query records, however many rules are between them.
/// `broken` has the findings of each query.
pub(super) fn add_downstream(queries: &[AnalyzedQuery], broken: &mut [Vec<Finding>]) {
    let mut causes: BTreeMap<&str, (String, String)> = BTreeMap::new();
    for (query, findings) in queries.iter().zip(&*broken) {
        if let (Some(name), Some(finding)) = (&query.records, findings.first()) {
            let why = finding.message.strip_prefix(&*query.consumer).unwrap_or(&finding.message);
            causes.entry(name).or_insert_with(|| (finding.subject.clone(), why.trim_start().to_owned()));
        }
    }
    let mut readers: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, query) in queries.iter().enumerate() {
        query.series().for_each(|(name, _)| readers.entry(name).or_default().push(index));
    }
    let readers_of = |name: &str| readers.get(name).into_iter().flatten().copied();
    // Queries come after those that they read: only rules in a circle take more than one round.
    let mut next: BTreeSet<usize> = causes.keys().flat_map(|name| readers_of(name)).collect();
    while !next.is_empty() {
        let mut round = std::mem::take(&mut next);
        while let Some(index) = round.pop_first() {
            let (query, findings) = (&queries[index], &mut broken[index]);
            let read = query.series().find_map(|(name, location)| Some((name, location, causes.get(name)?.clone())));
            let Some((name, location, cause)) = read.filter(|_| findings.is_empty()) else { continue };
            let message = format!("{} reads `{name}`, whose recording rule {}", query.consumer, cause.1);
            let help = format!("repair the recording rule of `{name}`, or read something else");
            findings.push(catalog::CONSUMER_BREAKS.finding(&*cause.0, message).help(help).at(location.clone()));
            if let Some(recorded) = query.records.as_deref().filter(|recorded| !causes.contains_key(recorded)) {
                causes.insert(recorded, cause);
                readers_of(recorded).for_each(|reader| {
                    let _ = if reader > index { round.insert(reader) } else { next.insert(reader) };
                });
            }
        }
    }
}
