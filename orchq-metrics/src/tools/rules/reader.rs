//! What has been read of one file.

use std::ops::Range;

use super::query::Query;
use super::text::{File, Found};
use crate::report::finding::Rule;

/// How many queries a file may have, and how many bytes they may be: aliases repeat rules without writing them.
const MOST_QUERIES: usize = 50_000;
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// A file that is read, and what has been found in it.
pub(super) struct Reader<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) queries: Vec<Query>,
    pub(super) findings: Vec<Found>,
    /// How many queries are for other data sources.
    pub(super) foreign: usize,
    bytes: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: &'a File<'a>) -> Self {
        Self { file, queries: Vec::new(), findings: Vec::new(), foreign: 0, bytes: 0 }
    }

    /// Whether there is more in the file than is read.
    pub(super) fn is_full(&self) -> bool {
        self.queries.len() >= MOST_QUERIES || self.bytes > MOST_BYTES
    }

    /// Adds a query, unless there are too many or it is empty.
    pub(super) fn query(&mut self, query: Query) {
        if !self.is_full() && !query.expr.value.trim().is_empty() {
            let templates = query.templates.iter().map(|template| template.value.len()).sum::<usize>();
            self.bytes += query.expr.value.len() + templates;
            self.queries.push(query);
        }
    }

    /// Adds a finding about these bytes of the file.
    pub(super) fn find(&mut self, rule: &Rule, message: impl Into<String>, place: Range<usize>) {
        self.findings.push((rule.finding(self.file.name, message), place));
    }
}
