//! What the readers find in files: expressions, and who asks.

use std::ops::Range;

use super::text::Text;
use super::variables::Variables;
use crate::report::finding::Finding;

/// One expression, wherever it was found.
#[derive(Debug)]
pub(super) struct Query {
    /// Who asks, for messages: "alert `X` in group `Y`".
    pub(super) consumer: String,
    pub(super) expr: Text,
    pub(super) purpose: Purpose,
    /// A label whose values are asked for.
    pub(super) wanted: Option<Text>,
    /// The texts that are filled in with labels of the result.
    pub(super) templates: Vec<Text>,
    /// The labels that the rule adds to what the expression returns.
    pub(super) labels: Vec<String>,
    /// The labels that the rule takes away, by giving them no value.
    pub(super) removed: Vec<String>,
    /// Grafana's variables, where the text is one of Grafana's.
    pub(super) variables: Option<Variables>,
    /// The bytes of the file in which a comment is about this query.
    pub(super) extent: Range<usize>,
}

/// What an expression is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Alert,
    /// A recording rule, with the name that it records.
    Record(String),
    Panel,
    /// Which values a variable can take: what is selected matters, and not how it is computed.
    Variable,
    /// All series whose names match.
    Names,
}

/// What one file holds.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) queries: Vec<Query>,
    /// What is wrong, and at which bytes of the file.
    pub(super) findings: Vec<(Finding, Range<usize>)>,
    /// How many queries are for other data sources.
    pub(super) foreign: usize,
}
