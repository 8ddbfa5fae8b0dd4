//! A contract to JSON, field by field.

use serde_json::{Value, json};

use super::format::FORMAT;
use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::tools::tree::json::{number, range, without_nulls};

/// The `$id` of the schema. It is not served anywhere; the crate has it.
const SCHEMA: &str = "urn:orchq-metrics:contract-1";

pub(super) fn contract(contract: &OwnedContract) -> Value {
    without_nulls(json!({
        "$schema": SCHEMA,
        "format": FORMAT,
        "name": contract.name,
        "version": contract.version,
        "fingerprint": contract.fingerprint(),
        "doc": (!contract.doc.is_empty()).then(|| contract.doc.split('\n').collect::<Vec<_>>()),
        "metrics": contract.metrics.iter().map(metric).collect::<Vec<_>>(),
    }))
}

fn metric(metric: &OwnedMetric) -> Value {
    let buckets: Vec<_> = metric.buckets.iter().copied().map(number).collect();
    without_nulls(json!({
        "name": metric.name,
        "kind": metric.kind.as_str(),
        "unit": metric.unit,
        "range": metric.stated_range.map(range),
        "help": metric.help,
        "section": metric.section,
        "requirement": metric.requirement,
        "labels": metric.labels.iter().map(label).collect::<Vec<_>>(),
        "buckets": (!buckets.is_empty()).then_some(buckets),
        "series_limit": metric.series_limit,
        "renamed_from": metric.renamed_from.as_ref().map(|old| {
            json!({ "name": old.name, "since": old.since, "until": old.until })
        }),
        "deprecated": metric.deprecated.as_ref().map(|deprecated| {
            json!({ "since": deprecated.since, "note": deprecated.note })
        }),
    }))
}

fn label(label: &OwnedLabel) -> Value {
    let (values, budget) = match &label.values {
        OwnedValues::Closed(values) => (Some(values), None),
        OwnedValues::Open { budget } => (None, Some(budget)),
    };
    let conditions: Vec<_> = label.conditions.iter().map(condition).collect();
    without_nulls(json!({
        "name": label.name,
        "values": values,
        "budget": budget,
        "conditional": label.conditional.then_some(true),
        "conditions": (!conditions.is_empty()).then_some(conditions),
    }))
}

/// One entry for each condition: their order is part of the contract's fingerprint.
fn condition(condition: &OwnedCondition) -> Value {
    match condition {
        OwnedCondition::OnlyWith { label, values } => json!({ "only_with": label, "values": values }),
        OwnedCondition::NotWith { label } => json!({ "not_with": label }),
    }
}
