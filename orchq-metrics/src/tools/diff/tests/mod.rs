//! What is reported for each kind of change, for renames and for versions.

mod conditions;
mod consumers;
mod renames;
mod rows;
mod rules;
mod versions;

use std::borrow::Cow;

use super::{Diff, compare};
use crate::contract::owned::OwnedContract;
use crate::contract::owned::OwnedLabel;
use crate::contract::owned::OwnedMetric;
use crate::contract::owned::OwnedValues;
use crate::declare::desc::MetricKind;
use crate::declare::lifecycle::OldName;

/// Two metrics with labels of every sort.
pub(super) fn contract() -> OwnedContract {
    let labels = vec![
        label("engine", closed(&["llamacpp", "vllm", "triton"])),
        label("pool_id", OwnedValues::Open { budget: 64 }),
        OwnedLabel {
            conditional: true,
            conditions: vec![only_with("engine", &["triton"])],
            ..label("trtllm_version", OwnedValues::Open { budget: 8 })
        },
    ];
    OwnedContract {
        name: "queue".to_owned(),
        version: "1.2.3".to_owned(),
        doc: "The queue.".to_owned(),
        metrics: vec![
            metric("queue_depth", MetricKind::Gauge, "1", "Current queue length.", labels.clone()),
            OwnedMetric {
                buckets: vec![5.0, 50.0, 500.0],
                ..metric("latency_first_ms", MetricKind::Histogram, "milliseconds", "Time to first token.", labels)
            },
        ],
    }
}

pub(super) fn metric(name: &str, kind: MetricKind, unit: &str, help: &str, labels: Vec<OwnedLabel>) -> OwnedMetric {
    OwnedMetric {
        name: name.to_owned(),
        kind,
        unit: unit.to_owned(),
        stated_range: None,
        help: help.to_owned(),
        section: "Metrics".to_owned(),
        requirement: None,
        labels,
        buckets: Vec::new(),
        series_limit: 10_000,
        renamed_from: None,
        deprecated: None,
    }
}

/// The old contract as it is with the new names and the old ones beside them, until 2.0.0.
pub(super) fn both_named(old: &OwnedContract, new: &OwnedContract) -> OwnedContract {
    let mut both = old.clone();
    for (metric, after) in both.metrics.iter_mut().zip(&new.metrics).filter(|(metric, after)| metric.name != after.name)
    {
        let name = std::mem::replace(&mut metric.name, after.name.clone());
        metric.renamed_from = Some(OldName::new(name, "1.2.3".to_owned(), "2.0.0".to_owned()));
    }
    both
}

/// The difference between that and the new contract, which drops the old names.
pub(super) fn dropped(old: &OwnedContract, new: &OwnedContract) -> Diff {
    compare(&both_named(old, new), new)
}

pub(super) fn label(name: &str, values: OwnedValues) -> OwnedLabel {
    OwnedLabel { name: name.to_owned(), values, conditional: false, conditions: Vec::new() }
}

pub(super) fn closed(values: &[&str]) -> OwnedValues {
    OwnedValues::Closed(values.iter().map(|value| (*value).to_owned()).collect())
}

pub(super) fn only_with(label: &str, values: &[&str]) -> crate::contract::owned::OwnedCondition {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    crate::contract::owned::OwnedCondition::OnlyWith { label: label.to_owned(), values }
}

/// The difference that an edit of the contract above makes.
pub(super) fn edited(edit: impl FnOnce(&mut OwnedContract)) -> Diff {
    let old = contract();
    let mut new = old.clone();
    edit(&mut new);
    compare(&old, &new)
}

/// The rules of the changes from one contract to another.
pub(super) fn rules_between(old: &OwnedContract, new: &OwnedContract) -> Vec<Cow<'static, str>> {
    compare(old, new).changes.into_iter().map(|change| change.rule).collect()
}

/// The rules of its changes.
pub(super) fn rules(diff: &Diff) -> Vec<&str> {
    diff.changes.iter().map(|change| &*change.rule).collect()
}

/// What `diff --format json` writes under `details.diff` can be read by a program that uses this crate.
#[test]
fn a_diff_can_be_read_back() {
    let diff = edited(|contract| {
        contract.version = "1.3.0".to_owned();
        contract.metrics[0].labels.remove(1);
        contract.metrics[1].help = "Other.".to_owned();
    });
    assert!(diff.changes.len() > 2, "{diff:?}");
    let json = serde_json::to_string(&diff).expect("it serialises");
    let read: Diff = serde_json::from_str(&json).expect("it is a diff");
    assert_eq!(read, diff);
    assert_eq!(read.report(), diff.report());
    // The metrics themselves are not in it.
    let old = contract();
    let mut new = contract();
    new.metrics[0].name = "queue_length".to_owned();
    let renamed = dropped(&old, &new);
    assert!(renamed.compatibility_rules().is_some());
    let json = serde_json::to_string(&renamed).expect("it serialises");
    let read: Diff = serde_json::from_str(&json).expect("it is a diff");
    assert_eq!(read.compatibility_rules(), None);
    assert_eq!((read.changes, read.bump), (renamed.changes, renamed.bump));
}
