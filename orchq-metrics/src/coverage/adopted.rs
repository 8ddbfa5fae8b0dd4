//! The rules about collectors that were adopted, one function each.

use std::collections::HashSet;

use crate::contract::owned::OwnedMetric;
use crate::contract::value;
use crate::coverage::catalog;
use crate::coverage::evidence::{Emission, Evidence};
use crate::declare::desc::MetricKind;
use crate::declare::rules::struct_name;
use crate::expose::adoption::{AdoptedCollector, LabelNames};
use crate::report::finding::Finding;

/// A collector that is not what the contract says, or that was adopted for a metric of another contract.
pub(crate) fn adopted_collector_differs(evidence: &Evidence<'_>, findings: &mut Vec<Finding>) {
    for (collector, index) in evidence.adopted.iter().flatten() {
        let (name, at) = (collector.metric, place(collector));
        let Some(metric) = index.and_then(|index| evidence.contract.metrics.get(index)) else {
            let (contract, version) = (&evidence.contract.name, &evidence.contract.version);
            let message = format!("the collector {at} is adopted for it, and {contract} {version} has no such metric");
            let help = "adopt it with the contract that declares the metric";
            findings.push(catalog::ADOPTED_COLLECTOR_DIFFERS.finding(name, message).help(help));
            continue;
        };
        let wrong = differences(metric, collector);
        if !wrong.is_empty() {
            let message = format!("the collector {at} {}", wrong.join(" and "));
            let help = format!("give it what the contract declares: {}", declared(metric));
            findings.push(catalog::ADOPTED_COLLECTOR_DIFFERS.finding(name, message).help(help));
        }
    }
}

/// How a collector differs from its metric, in words.
fn differences(metric: &OwnedMetric, collector: &AdoptedCollector) -> Vec<String> {
    if let Some(panic) = &collector.panic {
        return vec![format!("panicked when it was collected: {panic}")];
    }
    if !collector.names.contains(&metric.name) {
        let instead = if collector.names.is_empty() { "nothing".to_owned() } else { quoted(&collector.names) };
        return vec![format!("has {instead}, and not `{}`", metric.name)];
    }
    let mut wrong = Vec::new();
    let kinds = collector.kinds.iter().filter(|kind| **kind != metric.kind.as_str());
    wrong.extend(kinds.map(|kind| format!("is a {kind}")));
    wrong.extend(collector.label_sets.iter().flat_map(|labels| label_differences(metric, labels.all())));
    let buckets = collector.buckets.iter().filter(|buckets| **buckets != metric.buckets);
    // The bounds of what should not be a histogram mean nothing.
    let buckets = buckets.filter(|_| metric.kind == MetricKind::Histogram);
    wrong.extend(buckets.map(|buckets| format!("has the buckets {}", value::bounds(buckets))));
    wrong.dedup();
    wrong
}

/// How label names differ from those of a metric, in words.
pub(crate) fn label_differences<'a>(
    metric: &OwnedMetric,
    names: impl Iterator<Item = &'a String> + Clone,
) -> Vec<String> {
    let missing = metric.required_labels().filter(|label| names.clone().all(|name| *name != label.name));
    let unknown = names.clone().filter(|name| metric.label(name).is_none());
    let missing = missing.map(|label| format!("lacks `{}`", label.name));
    missing.chain(unknown.map(|label| format!("has the unknown label `{label}`"))).collect()
}

/// What a collector of this metric has.
fn declared(metric: &OwnedMetric) -> String {
    let labels = required_labels(metric);
    let labels = if labels.is_empty() { "no labels".to_owned() } else { format!("the labels {labels}") };
    match metric.kind {
        MetricKind::Histogram => {
            format!("a histogram with {labels} and the buckets {}", value::bounds(&metric.buckets))
        }
        kind => format!("a {kind} with {labels}"),
    }
}

/// A list that is not what the adopted collector takes, in its order: `with_label_values` takes values by position.
pub(crate) fn extern_list_differs(evidence: &Evidence<'_>, findings: &mut Vec<Finding>) {
    for (Emission { site, .. }, index, listed) in extern_emissions(evidence) {
        let metric = &evidence.contract.metrics[index];
        // One that differs from the contract is reported for that.
        let is_right = |labels: &&LabelNames| labels.described && label_differences(metric, labels.all()).is_empty();
        let described = evidence
            .collectors(index)
            .flat_map(|collector| collector.label_sets.iter().filter(is_right).map(move |labels| (collector, labels)));
        let described: Vec<_> = described.collect();
        let variable = |labels: &LabelNames| -> Vec<_> {
            listed.iter().filter(|name| !labels.constant.contains(name)).cloned().collect()
        };
        if described.iter().any(|(_, labels)| variable(labels) == labels.variable) {
            continue;
        }
        let Some((collector, labels)) = described.first() else { continue };
        let same_names = variable(labels).len() == labels.variable.len()
            && labels.variable.iter().all(|label| variable(labels).contains(label));
        let order = if same_names { " in this order, so that values passed by position are swapped" } else { "" };
        let message = format!(
            "the `extern` list at {} is {}, and the collector {} has {}{order}",
            site.in_binary(),
            quoted(listed),
            place(collector),
            quoted(&labels.variable)
        );
        findings.push(catalog::EXTERN_LIST_DIFFERS.finding(&metric.name, message));
    }
}

/// A metric that `extern` lists name, and for which no collector was adopted.
pub(crate) fn taken_on_trust(evidence: &Evidence<'_>, findings: &mut Vec<Finding>) {
    if evidence.adopted.is_none() {
        return;
    }
    let mut reported = HashSet::new();
    for (Emission { site, .. }, index, _) in extern_emissions(evidence) {
        if evidence.collectors(index).next().is_some() || !reported.insert(index) {
            continue;
        }
        let name = &evidence.contract.metrics[index].name;
        let message = format!("{} lists it, and no collector is adopted for it", site.in_binary());
        let help = format!(
            "adopt the collector before the check: `CONTRACT.adopt::<{}>(&collector)`; one that is not of the \
             `prometheus` crate cannot be adopted",
            struct_name(name)
        );
        findings.push(catalog::TAKEN_ON_TRUST.finding(name, message).help(help));
    }
}

/// An entry of `#[emits]` for a metric that another library records.
pub(crate) fn extern_entry(metric: &OwnedMetric) -> String {
    format!("extern {} {{ {} }}", struct_name(&metric.name), required_labels(metric))
}

/// The labels that every series of a metric carries, as a list.
pub(crate) fn required_labels(metric: &OwnedMetric) -> String {
    metric.required_labels().map(|label| &*label.name).collect::<Vec<_>>().join(", ")
}

/// The `extern` entries outside test code, each with the index of its metric and its list.
fn extern_emissions<'a>(evidence: &'a Evidence<'_>) -> impl Iterator<Item = (&'a Emission, usize, &'a Vec<String>)> {
    let counted = evidence.emissions().filter(|emission| !emission.site.test);
    counted.filter_map(|emission| Some((emission, emission.recorded?, emission.extern_labels.as_ref()?)))
}

/// `adopted at file:line`.
pub(crate) fn place(collector: &AdoptedCollector) -> String {
    format!("adopted at {}:{}", collector.adopted_at.file(), collector.adopted_at.line())
}

fn quoted(names: &[String]) -> String {
    if names.is_empty() {
        return "empty".to_owned();
    }
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
