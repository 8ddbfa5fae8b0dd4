//! What the queries of some files do with the metrics of a contract. Each query is analyzed once; findings, unused
//! metrics, recording rules and the comparison of two contracts all read the result.

use std::collections::BTreeMap;

use super::analyze::{Analyzer, LabelState};
use super::analyzed::AnalyzedQuery;
use super::known_metrics::{KnownMetrics, own_families};
use super::options::RulesOptions;
use super::parse::ParsedFile;
use super::{recording_rules, templates};
use crate::contract::owned::OwnedContract;
use crate::report::finding::Finding;

/// The queries of some files by one contract.
pub(crate) struct Analysis {
    /// The queries that could be parsed, in the order of the files.
    pub(crate) queries: Vec<AnalyzedQuery>,
    /// What could not be read or parsed.
    pub(crate) unread: Vec<Finding>,
    /// How many queries there are, with those that could not be parsed.
    pub(crate) examined: usize,
}

/// Analyzes every query, recording rules first.
pub(crate) fn analyze(contract: &OwnedContract, files: &[ParsedFile<'_>], options: &RulesOptions) -> Analysis {
    let own = own_families();
    let known = KnownMetrics::new(contract, &own, options);
    let queries: Vec<_> = files.iter().flat_map(|file| file.queries.iter().map(move |query| (file, query))).collect();
    let mut recorded: BTreeMap<String, LabelState> = BTreeMap::new();
    let mut analyzed = BTreeMap::new();
    let mut analyze = |index: usize, recorded: &BTreeMap<String, LabelState>| {
        let (file, parsed) = queries.get(index)?;
        let (mut query, state) = Analyzer::new(&known, recorded, file, parsed).analyze(parsed.expr.as_ref()?);
        let templates = templates::check(&parsed.query, &state).into_iter();
        query.findings.extend(templates.filter_map(|(finding, place)| file.place(finding, place)));
        analyzed.insert(index, query);
        Some(state)
    };
    for (name, rules) in recording_rules::order(queries.iter().map(|(_, parsed)| *parsed)) {
        let states = rules.into_iter().filter_map(|index| {
            let (_, parsed) = queries.get(index)?;
            Some(analyze(index, &recorded).unwrap_or_else(LabelState::unknown).recorded(&parsed.query))
        });
        let state = states.reduce(LabelState::or);
        recorded.extend(state.map(|state| (name.to_owned(), state)));
    }
    for (index, (_, parsed)) in queries.iter().enumerate() {
        if parsed.query.records().is_none() {
            analyze(index, &recorded);
        }
    }
    Analysis {
        examined: queries.len(),
        queries: analyzed.into_values().collect(),
        unread: files.iter().flat_map(|file| file.findings.iter().cloned()).collect(),
    }
}
