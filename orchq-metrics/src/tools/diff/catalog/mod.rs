//! The table of changes: every sort of change with its kind and the reason.

pub(crate) mod labels;
pub(crate) mod metrics;
pub(super) mod row;
pub(crate) mod verdicts;

pub(super) use labels::*;
pub(super) use metrics::*;
pub(super) use verdicts::*;

/// Every sort of change, in the order of the page.
#[cfg(test)]
pub(super) fn table() -> impl Iterator<Item = &'static row::Row> {
    metrics::ROWS.iter().chain(labels::ROWS).copied()
}
