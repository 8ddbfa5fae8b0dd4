//! Which queries select this library's own series by the name, version or metrics of the contract.

use crate::contract::owned::OwnedContract;
use crate::expose::own::{INFO, OVERFLOWS, VIOLATIONS};
use crate::report::finding::Finding;
use crate::tools::diff::{Change, catalog};
use crate::tools::rules::{AnalyzedQuery, SelectedValue};

/// The selectors of a query that match nothing once the new contract is served.
pub(super) fn unmatched(contracts: [&OwnedContract; 2], changes: &[Change], query: &AnalyzedQuery) -> Vec<Finding> {
    let mut findings = Vec::new();
    for selector in &query.selectors {
        let series = selector.name.as_deref().unwrap_or_default();
        let metric = selector.values.iter().find(|other| other.label == "metric");
        for value in &selector.values {
            let lost = match (series, value.label.as_str()) {
                (INFO, "contract") => other_value(value, contracts.map(|contract| contract.name.clone())),
                (INFO, "version") => other_value(value, contracts.map(|contract| contract.version.clone())),
                (INFO, "fingerprint") => other_value(value, contracts.map(OwnedContract::fingerprint)),
                (OVERFLOWS | VIOLATIONS, "metric") => no_metric(value, contracts, changes),
                (OVERFLOWS, "label") => no_label(value, metric, contracts, changes),
                _ => None,
            };
            if let Some(why) = lost {
                let message = format!("{} selects nothing of `{series}` by `{}`: {why}", query.consumer, value.label);
                let help = "change the query when the new contract is deployed, or let it match both";
                let finding = catalog::CONSUMER_BREAKS.finding(series, message).help(help);
                findings.push(finding.at(value.location.clone()));
            }
        }
    }
    findings
}

fn other_value(selected: &SelectedValue, [before, after]: [String; 2]) -> Option<String> {
    (selected.names(&before) && !selected.names(&after)).then(|| format!("it changes: {before} -> {after}"))
}

/// Why the contract has none of the selected metrics.
fn no_metric(selected: &SelectedValue, [old, new]: [&OwnedContract; 2], changes: &[Change]) -> Option<String> {
    let is_named = |contract: &OwnedContract| contract.metrics.iter().any(|metric| selected.names(&metric.name));
    let ends = [catalog::METRIC_REMOVED.rule.id, catalog::METRIC_RENAMED.rule.id];
    let is_end = |change: &&Change| {
        ends.contains(&&*change.rule) && change.metric.as_ref().is_some_and(|metric| selected.names(metric))
    };
    (is_named(old) && !is_named(new)).then(|| changes.iter().find(is_end).map(ToString::to_string)).flatten()
}

/// Why the selected metric (or, if none is selected, any metric) has none of the selected labels.
fn no_label(
    selected: &SelectedValue,
    metric: Option<&SelectedValue>,
    [old, new]: [&OwnedContract; 2],
    changes: &[Change],
) -> Option<String> {
    let is_meant = |name: &str| metric.is_none_or(|metric| metric.names(name));
    let has = |contract: &OwnedContract| {
        let mut metrics = contract.metrics.iter().filter(|metric| is_meant(&metric.name));
        metrics.any(|metric| metric.labels.iter().any(|label| selected.names(&label.name)))
    };
    let is_end = |change: &&Change| {
        change.rule == catalog::LABEL_REMOVED.rule.id
            && change.label.as_ref().is_some_and(|label| selected.names(label))
            && change.metric.as_deref().is_some_and(is_meant)
    };
    // If the metric itself was removed, that is the reason.
    let gone = || metric.is_none().then(|| "no metric has it".to_owned());
    (has(old) && !has(new)).then(|| changes.iter().find(is_end).map(ToString::to_string).or_else(gone)).flatten()
}
