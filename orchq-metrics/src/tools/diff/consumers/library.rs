//! Who selects series of this library by what the contract says of itself and of its metrics.

use crate::contract::owned::OwnedContract;
use crate::expose::families::{INFO, OVERFLOWS, VIOLATIONS};
use crate::report::finding::Finding;
use crate::tools::diff::{Change, catalog};
use crate::tools::rules::{Reader, Selected};

/// Readers whose selectors match nothing once the new contract is served.
pub(super) fn unmatched(contracts: [&OwnedContract; 2], changes: &[Change], readers: &[Reader]) -> Vec<Finding> {
    let fingerprints = contracts.map(OwnedContract::fingerprint);
    let mut findings = Vec::new();
    for reader in readers {
        for selected in &reader.values {
            let metric =
                reader.values.iter().find(|other| other.selector == selected.selector && other.label == "metric");
            let lost = match (selected.series.as_str(), selected.label.as_str()) {
                (INFO, "contract") => other_value(selected, contracts.map(|contract| contract.name.as_str())),
                (INFO, "version") => other_value(selected, contracts.map(|contract| contract.version.as_str())),
                (INFO, "fingerprint") => other_value(selected, fingerprints.each_ref().map(String::as_str)),
                (OVERFLOWS | VIOLATIONS, "metric") => no_metric(selected, contracts, changes),
                (OVERFLOWS, "label") => no_label(selected, metric, contracts, changes),
                _ => None,
            };
            if let Some(why) = lost {
                let message = format!(
                    "{} selects nothing of `{}` by `{}`: {why}",
                    reader.consumer, selected.series, selected.label
                );
                let finding = catalog::CONSUMER_BREAKS.finding(&*selected.series, message);
                let help = "change the query when the new contract is deployed, or let it match both";
                findings.push(finding.help(help).at(selected.place.clone()));
            }
        }
    }
    findings
}

fn other_value(selected: &Selected, [before, after]: [&str; 2]) -> Option<String> {
    (selected.names(before) && !selected.names(after)).then(|| format!("it changes: {before} -> {after}"))
}

/// Why none of the metrics that are selected is there.
fn no_metric(selected: &Selected, [old, new]: [&OwnedContract; 2], changes: &[Change]) -> Option<String> {
    let is_named = |contract: &OwnedContract| contract.metrics.iter().any(|metric| selected.names(&metric.name));
    let ends = [catalog::METRIC_REMOVED.rule.id, catalog::METRIC_RENAMED.rule.id];
    let is_end = |change: &&Change| {
        ends.contains(&change.rule) && change.metric.as_ref().is_some_and(|metric| selected.names(metric))
    };
    (is_named(old) && !is_named(new)).then(|| changes.iter().find(is_end).map(ToString::to_string)).flatten()
}

/// Why none of the labels that are selected is on the metric that is, or on any where none is.
fn no_label(
    selected: &Selected,
    metric: Option<&Selected>,
    [old, new]: [&OwnedContract; 2],
    changes: &[Change],
) -> Option<String> {
    let is_meant = |name: &str| metric.is_none_or(|metric| metric.names(name));
    let has = |contract: &OwnedContract| {
        let mut metrics = contract.metrics.iter().filter(|metric| is_meant(&metric.name));
        metrics.any(|metric| metric.labels.iter().any(|label| selected.names(&label.name)))
    };
    let ends = [catalog::LABEL_REMOVED.rule.id, catalog::LABEL_RENAMED.rule.id];
    let is_end = |change: &&Change| {
        ends.contains(&change.rule)
            && change.label.as_ref().is_some_and(|label| selected.names(label))
            && change.metric.as_deref().is_some_and(is_meant)
    };
    // Where the metric itself is gone, that is what is said.
    let gone = || metric.is_none().then(|| "no metric has it".to_owned());
    (has(old) && !has(new)).then(|| changes.iter().find(is_end).map(ToString::to_string).or_else(gone)).flatten()
}
