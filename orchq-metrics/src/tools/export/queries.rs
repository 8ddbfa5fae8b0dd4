//! The queries of rules and dashboards for a metric, in PromQL.

use crate::contract::owned::{OwnedContract, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;

/// The quantiles of a histogram that are queried, each with its name.
pub(super) const QUANTILES: [(f64, &str); 3] = [(0.5, "p50"), (0.95, "p95"), (0.99, "p99")];

/// The labels that a metric is summed by: those that every series has and whose values are known, and of a
/// level or a latency, which means little over a whole fleet, also the ids of the measured replica or device.
pub(super) fn grouping(metric: &OwnedMetric) -> Vec<&str> {
    let kept = metric.required_labels().filter(|label| match label.values {
        OwnedValues::Closed(_) => true,
        OwnedValues::Open { .. } => metric.kind != MetricKind::Counter && label.name.ends_with("_id"),
    });
    kept.map(|label| label.name.as_str()).collect()
}

/// `sum by (a, b) (` of an expression, or of all of it where there are no labels.
pub(super) fn aggregate(operator: &str, by: &[&str], expression: &str) -> String {
    if by.is_empty() {
        format!("{operator}({expression})")
    } else {
        format!("{operator} by ({}) ({expression})", by.join(", "))
    }
}

/// The rate at which a counter grows, within label matchers in braces.
pub(super) fn rate(metric: &OwnedMetric, matchers: &str, range: &str) -> String {
    aggregate("sum", &grouping(metric), &format!("rate({}{matchers}[{range}])", metric.name))
}

pub(super) fn quantile(metric: &OwnedMetric, quantile: f64, matchers: &str, range: &str) -> String {
    let mut by = vec!["le"];
    by.extend(grouping(metric));
    let rate = format!("rate({}_bucket{matchers}[{range}])", metric.name);
    format!("histogram_quantile({quantile}, {})", aggregate("sum", &by, &rate))
}

/// Whether the values are amounts, which are counted and add up, and not shares or measurements.
pub(super) fn is_amount(metric: &OwnedMetric) -> bool {
    matches!(metric.unit.as_str(), "1" | "tokens" | "bytes") || metric.unit.starts_with('{')
}

/// A matcher of the contract's own metrics, for what the crate serves about them.
pub(super) fn own_metrics(contract: &OwnedContract) -> String {
    let names: Vec<_> = contract.metrics.iter().map(|metric| metric.name.as_str()).collect();
    format!("metric=~\"{}\"", names.join("|"))
}

/// A matcher of the processes that were built with the contract, whatever its version.
pub(super) fn own_info(contract: &OwnedContract) -> String {
    format!("{{contract=\"{}\"}}", contract.name)
}
