//! A line of a source, to show where a finding is.

use std::ops::Range;

use crate::report::finding::Location;

#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) source: &'a str,
    pub(super) number: usize,
    pub(super) text: &'a str,
}

impl Line<'_> {
    pub(super) fn at(&self, span: Range<usize>) -> Location {
        Location::new(self.source, self.number, self.text, span)
    }
}
