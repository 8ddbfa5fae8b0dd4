//! Recording rules: rates, quantiles, and the rejected share.

use serde_json::{Value, json};

use crate::contract::owned::{OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;
use crate::tools::export::queries::{QUANTILES, aggregate, grouping, quantile, rate};

const RANGE: &str = "5m";

pub(super) struct Record {
    pub(super) name: String,
    pub(super) expr: String,
    /// The expected value in the unit test, where every counter grows by one a second and every histogram in its first
    /// bucket; `None` if it is not checked.
    pub(super) in_test: Option<f64>,
}

impl Record {
    pub(super) fn to_value(&self) -> Value {
        json!({ "record": self.name, "expr": self.expr })
    }
}

pub(super) fn from_contract(contract: &OwnedContract) -> Vec<Record> {
    let mut records = Vec::new();
    for metric in &contract.metrics {
        match metric.kind {
            MetricKind::Counter => records.push(rate_of(contract, metric)),
            MetricKind::Histogram => records.extend(quantiles_of(contract, metric)),
            MetricKind::Gauge => {}
        }
    }
    records.extend(contract.metrics.iter().filter_map(|metric| rejected_share(contract, metric)));
    records
}

/// The first part of the name: the labels that the rule sums by, or the contract if there are none.
fn level(contract: &OwnedContract, by: &[&str]) -> String {
    let of_contract = || format!("contract_{}", contract.name.replace('-', "_"));
    if by.is_empty() { of_contract() } else { by.join("_") }
}

fn rate_of(contract: &OwnedContract, metric: &OwnedMetric) -> Record {
    let stem = metric.name.strip_suffix("_total").unwrap_or(&metric.name);
    Record {
        name: format!("{}:{stem}:rate{RANGE}", level(contract, &grouping(metric))),
        expr: rate(metric, "", RANGE),
        in_test: Some(1.0),
    }
}

fn quantiles_of(contract: &OwnedContract, metric: &OwnedMetric) -> impl Iterator<Item = Record> {
    QUANTILES.into_iter().map(|(share, name)| Record {
        name: format!("{}:{}:{name}_rate{RANGE}", level(contract, &grouping(metric)), metric.name),
        expr: quantile(metric, share, "", RANGE),
        // A quantile is looked for on the line from zero to the first bound.
        in_test: metric.buckets.first().filter(|bound| **bound > 0.0).map(|bound| bound * share),
    })
}

/// For `X_rejected_total` beside `X_enqueued_total`: the share that was rejected, by the labels that both have.
fn rejected_share(contract: &OwnedContract, rejected: &OwnedMetric) -> Option<Record> {
    let stem = rejected.name.strip_suffix("_rejected_total")?;
    let accepted = contract.metric(&format!("{stem}_enqueued_total"))?;
    let known = grouping(accepted);
    let by: Vec<_> = grouping(rejected).into_iter().filter(|label| known.contains(label)).collect();
    let sum = |metric: &OwnedMetric| aggregate("sum", &by, &format!("rate({}[{RANGE}])", metric.name));
    let example = |metric: &OwnedMetric, name: &&str| metric.label(name).map(example).map(str::to_owned);
    let meet = by.iter().all(|label| example(rejected, label) == example(accepted, label));
    let (rejected, accepted) = (sum(rejected), sum(accepted));
    Some(Record {
        name: format!("{}:{stem}_rejected:ratio_rate{RANGE}", level(contract, &by)),
        // An outcome that has not occurred yet has no series to be added.
        expr: format!("{rejected} / (({rejected} + {accepted}) or {rejected})"),
        // If both counters share no label value in the test, the share is 1.
        in_test: Some(if meet { 0.5 } else { 1.0 }),
    })
}

/// The value that a label has in the tests.
pub(super) fn example(label: &OwnedLabel) -> &str {
    match &label.values {
        OwnedValues::Closed(values) => values.first().map_or("", String::as_str),
        OwnedValues::Open { .. } => "x",
    }
}
