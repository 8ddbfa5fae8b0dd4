//! What is reported about two versions of a contract.

mod edits;
mod promtool;
mod properties;
mod stories;

use orchq_metrics::OwnedContract;
use orchq_metrics::diff::Diff;

/// OrchQueue's own contract, to be edited.
fn v1() -> OwnedContract {
    OwnedContract::from(&orchq_metrics::v1::CONTRACT)
}

/// The rules of its changes, in order.
fn rules(diff: &Diff) -> Vec<&str> {
    diff.changes.iter().map(|change| &*change.rule).collect()
}
