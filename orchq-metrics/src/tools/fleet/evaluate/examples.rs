//! The instances that findings name.

use std::collections::HashMap;

use super::text::short;
use crate::tools::fleet::answer::Row;
use crate::tools::fleet::collect::MAX_EXAMPLES;

/// Instances to name as examples, by what they are examples of.
pub(super) struct Examples<'a> {
    labels: &'static [&'static str],
    by: HashMap<Vec<&'a str>, Vec<&'a Row>>,
}

impl<'a> Examples<'a> {
    pub(super) fn new(rows: &'a [Row], labels: &'static [&'static str]) -> Self {
        let mut by: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            let examples = by.entry(key(row, labels)).or_default();
            if examples.len() < MAX_EXAMPLES {
                examples.push(row);
            }
        }
        Self { labels, by }
    }

    pub(super) fn of<'s>(&'s self, row: &'s Row) -> &'s [&'s Row] {
        self.by.get(&key(row, self.labels)).map_or(&[], Vec::as_slice)
    }

    /// Their names, if any.
    pub(super) fn names(&self, of: &Row) -> Option<String> {
        let mut names: Vec<_> = self.of(of).iter().map(|row| row.label("instance")).collect();
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        (!names.is_empty()).then(|| names.into_iter().map(short).collect::<Vec<_>>().join(", "))
    }

    /// As `, such as A, B`, or as ` (A, B)` if those are all.
    pub(super) fn such_as(&self, of: &Row) -> String {
        match self.names(of) {
            Some(names) if self.of(of).len() >= of.count() => format!(" ({names})"),
            Some(names) => format!(", such as {names}"),
            None => String::new(),
        }
    }
}

pub(super) fn key<'a>(row: &'a Row, labels: &[&str]) -> Vec<&'a str> {
    labels.iter().map(|label| row.label(label)).collect()
}
