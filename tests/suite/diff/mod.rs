//! What is reported about two versions of a contract.

mod edits;
mod promtool;
mod properties;
mod stories;

use orchq_metrics::diff::Diff;
use orchq_metrics::{OwnedContract, OwnedMetric};

/// OrchQueue's own contract, to be edited.
fn v1() -> OwnedContract {
    OwnedContract::from(&orchq_metrics::v1::CONTRACT)
}

/// Declares an old name that is served until a version.
fn renamed_from(metric: &mut OwnedMetric, name: &str, until: &str) {
    let text = r#"{ "format": 1, "name": "x", "version": "1.0.0", "metrics": [ { "name": "x", "kind": "gauge", "unit": "1",
        "help": "x", "renamed_from": { "name": "y", "since": "1.0.0", "until": "2.0.0" } } ] }"#;
    let mut contract = OwnedContract::from_json(text).expect("it is legal");
    metric.renamed_from = contract.metrics[0].renamed_from.take().map(|mut old| {
        (old.name, old.until) = (name.to_owned(), until.to_owned());
        old
    });
}

/// The contract as it is with the new names and the old ones beside them, until 2.0.0.
fn both_named(old: &OwnedContract, new: &OwnedContract) -> OwnedContract {
    let mut both = old.clone();
    for (metric, after) in both.metrics.iter_mut().zip(&new.metrics).filter(|(metric, after)| metric.name != after.name)
    {
        let name = std::mem::replace(&mut metric.name, after.name.clone());
        renamed_from(metric, &name, "2.0.0");
    }
    both
}

/// The rules of its changes, in order.
fn rules(diff: &Diff) -> Vec<&str> {
    diff.changes.iter().map(|change| &*change.rule).collect()
}
