//! A contract to a tree, field by field.

use super::FORMAT;
use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::tools::tree::Node;

/// What the schema calls itself: it is not served anywhere, and comes with the crate.
const SCHEMA: &str = "urn:orchq-metrics:contract-1";

pub(super) fn contract(contract: &OwnedContract) -> Node {
    Node::map([
        ("$schema", Some(SCHEMA.into())),
        ("format", Some(FORMAT.into())),
        ("name", Some((&contract.name).into())),
        ("version", Some((&contract.version).into())),
        ("fingerprint", Some(contract.fingerprint().into())),
        ("doc", (!contract.doc.is_empty()).then(|| Node::list(contract.doc.split('\n')))),
        ("metrics", Some(Node::list(contract.metrics.iter().map(metric)))),
    ])
}

fn metric(metric: &OwnedMetric) -> Node {
    let buckets = (!metric.buckets.is_empty()).then(|| Node::list(metric.buckets.iter().copied()));
    Node::map([
        ("name", Some((&metric.name).into())),
        ("kind", Some(metric.kind.as_str().into())),
        ("unit", Some((&metric.unit).into())),
        ("help", Some((&metric.help).into())),
        ("section", Some((&metric.section).into())),
        ("requirement", metric.requirement.as_ref().map(Node::from)),
        ("labels", Some(Node::list(metric.labels.iter().map(label)))),
        ("buckets", buckets),
        ("series_limit", Some(metric.series_limit.into())),
    ])
}

fn label(label: &OwnedLabel) -> Node {
    let (values, budget) = match &label.values {
        OwnedValues::Closed(values) => (Some(Node::list(values)), None),
        OwnedValues::Open { budget } => (None, Some(Node::from(*budget))),
    };
    let conditions = (!label.conditions.is_empty()).then(|| Node::list(label.conditions.iter().map(condition)));
    Node::map([
        ("name", Some((&label.name).into())),
        ("values", values),
        ("budget", budget),
        ("conditional", label.conditional.then(|| true.into())),
        ("conditions", conditions),
    ])
}

/// A list with one entry for each condition, because their order is part of the contract's fingerprint.
fn condition(condition: &OwnedCondition) -> Node {
    match condition {
        OwnedCondition::OnlyWith { label, values } => {
            Node::map([("only_with", Some(label.into())), ("values", Some(Node::list(values)))])
        }
        OwnedCondition::NotWith { label } => Node::map([("not_with", Some(label.into()))]),
    }
}
