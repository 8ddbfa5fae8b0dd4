//! What the queries of some files do with the metrics of a contract. Each query is analyzed once; findings, unused
//! metrics, recording rules and the comparison of two contracts all read the result.

use std::collections::{BTreeMap, BTreeSet};

use super::analyze::{Analyzer, LabelState};
use super::analyzed::AnalyzedQuery;
use super::known_metrics::{KnownMetrics, own_families};
use super::options::RulesOptions;
use super::parse::{ParsedFile, ParsedQuery};
use super::templates;
use crate::contract::owned::OwnedContract;
use crate::report::finding::Finding;
use crate::tools::promql::Expr;

/// The queries of some files by one contract.
pub(crate) struct Analysis {
    /// The queries that could be parsed, each after the recording rules that it reads.
    pub(crate) queries: Vec<AnalyzedQuery>,
    /// What could not be read or parsed.
    pub(crate) unread: Vec<Finding>,
    /// How many queries there are, with those that could not be parsed.
    pub(crate) examined: usize,
}

/// A query and its file.
type FileQuery<'a> = (&'a ParsedFile<'a>, &'a ParsedQuery);

/// Analyzes every query, recording rules first.
pub(crate) fn analyze(contract: &OwnedContract, files: &[ParsedFile<'_>], options: &RulesOptions) -> Analysis {
    let own = own_families();
    let known = KnownMetrics::new(contract, &own, options);
    let queries: Vec<_> = files.iter().flat_map(|file| file.queries.iter().map(move |query| (file, query))).collect();
    let mut recorded: BTreeMap<String, LabelState> = BTreeMap::new();
    let mut analyzed = Vec::with_capacity(queries.len());
    let mut analyze = |(file, parsed): (&ParsedFile<'_>, &ParsedQuery), recorded: &BTreeMap<String, LabelState>| {
        let (mut query, state) = Analyzer::new(&known, recorded, file, parsed).analyze(parsed.expr.as_ref()?);
        let templates = templates::check(&parsed.query, &state).into_iter();
        query.findings.extend(templates.filter_map(|(finding, place)| file.place(finding, place)));
        analyzed.push(query);
        Some(state)
    };
    for (name, rules) in order(&queries) {
        let states = rules.into_iter().map(|(file, parsed)| {
            analyze((file, parsed), &recorded).unwrap_or_else(LabelState::unknown).recorded(&parsed.query)
        });
        let state = states.reduce(LabelState::or);
        recorded.extend(state.map(|state| (name.to_owned(), state)));
    }
    for query in queries.iter().filter(|(_, parsed)| parsed.query.records().is_none()) {
        analyze(*query, &recorded);
    }
    Analysis {
        examined: queries.len(),
        queries: analyzed,
        unread: files.iter().flat_map(|file| file.findings.iter().cloned()).collect(),
    }
}

/// The recorded names, each with its rules, after the names that those select. In a circle, one rule comes first.
fn order<'a>(queries: &[FileQuery<'a>]) -> Vec<(&'a str, Vec<FileQuery<'a>>)> {
    let mut rules: BTreeMap<&str, Vec<FileQuery<'a>>> = BTreeMap::new();
    for query in queries {
        if let Some(name) = query.1.query.records() {
            rules.entry(name).or_default().push(*query);
        }
    }
    let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
    // Each name, and whether those that it needs are in order already.
    let mut stack: Vec<(&str, bool)> = rules.keys().rev().map(|name| (*name, false)).collect();
    while let Some((name, is_ready)) = stack.pop() {
        if is_ready {
            order.push(name);
        } else if seen.insert(name) {
            stack.push((name, true));
            let exprs = rules.get(name).into_iter().flatten().filter_map(|(_, parsed)| parsed.expr.as_ref());
            let needed = exprs.flat_map(Expr::selectors).filter_map(|selector| selector.name.as_deref());
            stack.extend(needed.filter(|needed| rules.contains_key(needed)).map(|needed| (needed, false)));
        }
    }
    order.into_iter().map(|name| (name, rules.remove(name).unwrap_or_default())).collect()
}
