//! The contract as a registry for OpenTelemetry Weaver, in its second format.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::file::{File, generated};
use super::queries::is_amount;
use super::yaml;
use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;
use crate::declare::ucum;
use crate::tools::tree::json::{number, range, without_nulls};

const MANIFEST: &str = "manifest.yaml";

const STABILITY: &str = "development";

pub(super) fn files(contract: &OwnedContract) -> Vec<File> {
    let definitions = json!({
        "file_format": "definition/2",
        "attributes": attributes(contract),
        "metrics": contract.metrics.iter().map(|it| metric(contract, it)).collect::<Vec<_>>(),
    });
    let comment = generated(contract);
    let to_be_set = "schema_url is a name that ends in a version; put the place here where you publish the registry.";
    vec![
        File::new(MANIFEST, yaml::write(&manifest(contract), &format!("{comment}\n{to_be_set}"))),
        File::new(definitions_name(contract), yaml::write(&definitions, &comment)),
    ]
}

/// The name of a contract may be that of the manifest.
fn definitions_name(contract: &OwnedContract) -> String {
    let name = format!("{}.yaml", contract.name);
    if name == MANIFEST { format!("{}-metrics.yaml", contract.name) } else { name }
}

fn manifest(contract: &OwnedContract) -> Value {
    let OwnedContract { name, version, .. } = contract;
    // A host name has no `_`; `.example` is reserved.
    let host = name.replace('_', "-");
    json!({
        "description": format!("The metrics of the contract {name}."),
        "schema_url": format!("https://{host}.example/metrics/{version}"),
        "stability": STABILITY,
    })
}

/// One attribute for each label name: to Weaver a key means the same on every metric.
fn attributes(contract: &OwnedContract) -> Vec<Value> {
    let mut seen = HashSet::new();
    let labels = contract.metrics.iter().flat_map(|metric| &metric.labels);
    labels.filter(|label| seen.insert(&label.name)).map(|label| attribute(contract, &label.name)).collect()
}

fn attribute(contract: &OwnedContract, name: &str) -> Value {
    let values = all_values(contract, name);
    without_nulls(json!({
        "key": name,
        "type": values.as_deref().map_or_else(|| "string".into(), |values| json!({ "members": members(values) })),
        "brief": format!("The label `{name}` of the contract {}.", contract.name),
        "examples": values.is_none().then(|| [format!("example-{}", name.replace('_', "-"))]),
        "stability": STABILITY,
    }))
}

/// The values that a label of this name has on any metric; `None` if it is open on one.
fn all_values<'a>(contract: &'a OwnedContract, name: &str) -> Option<Vec<&'a str>> {
    let mut all = Vec::new();
    for label in contract.metrics.iter().filter_map(|metric| metric.label(name)) {
        let OwnedValues::Closed(values) = &label.values else { return None };
        all.extend(values.iter().map(String::as_str));
    }
    let mut seen = HashSet::new();
    all.retain(|value| seen.insert(*value));
    Some(all)
}

fn members(values: &[&str]) -> Vec<Value> {
    let mut ids = HashSet::new();
    let member = |value: &&str| {
        let mut id = identifier(value);
        while !ids.insert(id.clone()) {
            id.push('_');
        }
        json!({ "id": id, "value": value, "brief": format!("The value `{value}`."), "stability": STABILITY })
    };
    values.iter().map(member).collect()
}

/// A value as a name that code can be generated from.
fn identifier(value: &str) -> String {
    let word = |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '_' };
    let id: String = value.chars().map(word).collect();
    if id.starts_with(|first: char| first.is_ascii_lowercase()) { id } else { format!("value_{id}") }
}

fn metric(contract: &OwnedContract, metric: &OwnedMetric) -> Value {
    let buckets: Vec<_> = metric.buckets.iter().copied().map(number).collect();
    // A contract does not say whether the levels of a gauge, or sums such as those of `{usd}`, are whole.
    let is_whole = metric.kind == MetricKind::Counter && is_amount(metric) && !metric.unit.starts_with('{');
    let value_type = if is_whole { "int" } else { "double" };
    without_nulls(json!({
        "name": metric.name,
        "instrument": metric.kind.as_str(),
        "unit": ucum::unit(&metric.name, metric.kind, &metric.unit),
        "brief": metric.help,
        "note": metric.requirement.as_ref().map(|requirement| format!("Answers {requirement}.")),
        "stability": STABILITY,
        "deprecated": metric.deprecated.as_ref().map(|deprecated| {
            json!({ "reason": "uncategorized", "note": deprecated.note })
        }),
        "attributes": metric.labels.iter().map(|label| reference(contract, label)).collect::<Vec<_>>(),
        "annotations": without_nulls(json!({
            "code_generation": { "metric_value_type": value_type },
            "range": metric.stated_range.map(range),
            "buckets": (!buckets.is_empty()).then_some(buckets),
        })),
    }))
}

/// A label of a metric: when it is present, and which of the values of its attribute it has.
fn reference(contract: &OwnedContract, label: &OwnedLabel) -> Value {
    let note = match (&label.values, all_values(contract, &label.name)) {
        (OwnedValues::Closed(own), Some(all)) if own.len() == all.len() => None,
        (OwnedValues::Closed(own), _) => Some(format!("One of {}.", code(own))),
        (OwnedValues::Open { .. }, _) => None,
    };
    let level = match label.conditional {
        true => json!({ "conditionally_required": condition(label) }),
        false => "required".into(),
    };
    without_nulls(json!({ "ref": label.name, "requirement_level": level, "note": note }))
}

fn condition(label: &OwnedLabel) -> String {
    let only_if = |condition: &OwnedCondition| match condition {
        OwnedCondition::OnlyWith { label, values } => format!("`{label}` is {}", code(values)),
        OwnedCondition::NotWith { label } => format!("`{label}` is not set"),
    };
    let conditions: Vec<_> = label.conditions.iter().map(only_if).collect();
    if conditions.is_empty() {
        "Where it applies.".to_owned()
    } else {
        format!("Where it applies, and only if {}.", conditions.join(" and "))
    }
}

fn code(values: &[String]) -> String {
    values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_names() {
        let members = members(&["drop-lru", "DROP_LRU", "4xx"]);
        let ids: Vec<_> = members.iter().map(|member| member["id"].as_str()).collect();
        assert_eq!(ids, [Some("drop_lru"), Some("drop_lru_"), Some("value_4xx")]);
    }
}
