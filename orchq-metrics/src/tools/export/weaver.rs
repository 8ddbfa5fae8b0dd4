//! The contract as a registry for OpenTelemetry Weaver, in its second format.

use std::collections::HashSet;

use super::{File, generated};
use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;
use crate::declare::ucum;
use crate::tools::tree::Node;

const MANIFEST: &str = "manifest.yaml";

const STABILITY: &str = "development";

pub(super) fn files(contract: &OwnedContract) -> Vec<File> {
    let definitions = Node::map([
        ("file_format", Some("definition/2".into())),
        ("attributes", Some(Node::list(attributes(contract)))),
        ("metrics", Some(Node::list(contract.metrics.iter().map(|it| metric(contract, it))))),
    ]);
    let comment = generated(contract);
    let to_be_set = "schema_url is a name that ends in a version; put the place here where you publish the registry.";
    vec![
        File::new(MANIFEST, manifest(contract).to_yaml(&format!("{comment}\n{to_be_set}"))),
        File::new(definitions_name(contract), definitions.to_yaml(&comment)),
    ]
}

/// A contract may be called as the manifest is.
fn definitions_name(contract: &OwnedContract) -> String {
    let name = format!("{}.yaml", contract.name);
    if name == MANIFEST { format!("{}-metrics.yaml", contract.name) } else { name }
}

fn manifest(contract: &OwnedContract) -> Node {
    let OwnedContract { name, version, .. } = contract;
    // A host may have no `_`, and `.example` is nobody's.
    let host = name.replace('_', "-");
    Node::map([
        ("description", Some(format!("The metrics of the contract {name}.").into())),
        ("schema_url", Some(format!("https://{host}.example/metrics/{version}").into())),
        ("stability", Some(STABILITY.into())),
    ])
}

/// One attribute for each label's name: to Weaver a key means the same wherever it stands.
fn attributes(contract: &OwnedContract) -> Vec<Node> {
    let mut seen = HashSet::new();
    let labels = contract.metrics.iter().flat_map(|metric| &metric.labels);
    labels.filter(|label| seen.insert(&label.name)).map(|label| attribute(contract, &label.name)).collect()
}

fn attribute(contract: &OwnedContract, name: &str) -> Node {
    let values = all_values(contract, name);
    let examples = values.is_none().then(|| Node::list([format!("example-{}", name.replace('_', "-"))]));
    let kind = match values {
        None => "string".into(),
        Some(values) => Node::map([("members", Some(Node::list(members(&values))))]),
    };
    Node::map([
        ("key", Some(name.into())),
        ("type", Some(kind)),
        ("brief", Some(format!("The label `{name}` of the contract {}.", contract.name).into())),
        ("examples", examples),
        ("stability", Some(STABILITY.into())),
    ])
}

/// The values that a label of this name has on any metric; none where it is open on one.
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

fn members(values: &[&str]) -> Vec<Node> {
    let mut ids = HashSet::new();
    let member = |value: &&str| {
        let mut id = identifier(value);
        while !ids.insert(id.clone()) {
            id.push('_');
        }
        Node::map([
            ("id", Some(id.into())),
            ("value", Some((*value).into())),
            ("brief", Some(format!("The value `{value}`.").into())),
            ("stability", Some(STABILITY.into())),
        ])
    };
    values.iter().map(member).collect()
}

/// A value as a name that code can be generated from.
fn identifier(value: &str) -> String {
    let word = |char: char| if char.is_ascii_alphanumeric() { char.to_ascii_lowercase() } else { '_' };
    let id: String = value.chars().map(word).collect();
    if id.starts_with(|first: char| first.is_ascii_lowercase()) { id } else { format!("value_{id}") }
}

fn metric(contract: &OwnedContract, metric: &OwnedMetric) -> Node {
    let buckets = (!metric.buckets.is_empty()).then(|| Node::list(metric.buckets.iter().copied()));
    let value_type = Node::map([("metric_value_type", Some(value_type(metric).into()))]);
    Node::map([
        ("name", Some((&metric.name).into())),
        ("instrument", Some(metric.kind.as_str().into())),
        ("unit", Some(ucum::unit(&metric.name, metric.kind, &metric.unit).into())),
        ("brief", Some((&metric.help).into())),
        ("note", metric.requirement.as_ref().map(|requirement| format!("Answers {requirement}.").into())),
        ("stability", Some(STABILITY.into())),
        ("attributes", Some(Node::list(metric.labels.iter().map(|label| reference(contract, label))))),
        ("annotations", Some(Node::map([("code_generation", Some(value_type)), ("buckets", buckets)]))),
    ])
}

/// A label of a metric: when it is there, and which of the values that its name has elsewhere are its own.
fn reference(contract: &OwnedContract, label: &OwnedLabel) -> Node {
    let note = match (&label.values, all_values(contract, &label.name)) {
        (OwnedValues::Closed(own), Some(all)) if own.len() == all.len() => None,
        (OwnedValues::Closed(own), _) => Some(format!("One of {}.", code(own)).into()),
        (OwnedValues::Open { .. }, _) => None,
    };
    let level = if label.conditional {
        Node::map([("conditionally_required", Some(condition(label).into()))])
    } else {
        "required".into()
    };
    Node::map([("ref", Some((&label.name).into())), ("requirement_level", Some(level)), ("note", note)])
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

/// Whether the values are whole: what is counted and not measured.
fn value_type(metric: &OwnedMetric) -> &'static str {
    let counted = matches!(metric.unit.as_str(), "1" | "tokens" | "bytes") || metric.unit.starts_with('{');
    if counted && metric.kind != MetricKind::Histogram { "int" } else { "double" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_names() {
        let ids = members(&["drop-lru", "DROP_LRU", "4xx"]);
        let id = |node: &Node| match node {
            Node::Map(fields) => fields.first().cloned(),
            _ => None,
        };
        let ids: Vec<_> = ids.iter().filter_map(id).map(|(_, id)| id).collect();
        assert_eq!(ids, [Node::from("drop_lru"), Node::from("drop_lru_"), Node::from("value_4xx")]);
    }
}
