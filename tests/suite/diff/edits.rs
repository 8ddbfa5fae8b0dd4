//! Edits of any contract. Each makes one change, which one row of the table describes.

use super::renamed_from;
use orchq_metrics::{MetricKind, OwnedCondition, OwnedContract, OwnedMetric, OwnedValues};

/// An edit of a metric and one of its labels. Returns whether it was possible. The number varies the edit.
type Apply = fn(&mut OwnedContract, usize, usize, u32) -> bool;

/// Every edit, with the rule of its change.
pub(super) const EDITS: [(&str, Apply); 32] = [
    ("diff-contract-renamed", |contract, _, _, n| append(&mut contract.name, n)),
    ("diff-version-changed", |contract, _, _, n| {
        contract.version = format!("1.0.{}", n + 1);
        true
    }),
    ("diff-doc-changed", |contract, _, _, n| append(&mut contract.doc, n)),
    ("diff-metric-removed", |contract, m, _, _| {
        contract.metrics.remove(m);
        true
    }),
    ("diff-metric-renamed", |contract, m, _, n| {
        let metric = &mut contract.metrics[m];
        let name = metric.name.clone();
        renamed_from(metric, &name, "2.0.0");
        append(&mut metric.name, n)
    }),
    ("diff-metric-added", |contract, m, _, n| {
        let mut metric = contract.metrics[m].clone();
        metric.name = format!("extra_{n}_total");
        contract.metrics.insert(m, metric);
        true
    }),
    ("diff-metric-order-changed", |contract, m, _, _| {
        let metric = contract.metrics.remove(m);
        contract.metrics.insert(if m == 0 { contract.metrics.len() } else { 0 }, metric);
        true
    }),
    ("diff-kind-changed", |contract, m, _, _| {
        let metric = &mut contract.metrics[m];
        metric.buckets.clear();
        metric.kind = if metric.kind == MetricKind::Gauge { MetricKind::Counter } else { MetricKind::Gauge };
        true
    }),
    ("diff-unit-changed", |contract, m, _, n| append(&mut contract.metrics[m].unit, n)),
    ("diff-range-narrowed", |contract, m, _, n| {
        let metric = &mut contract.metrics[m];
        let (_, greatest) = metric.range().unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        metric.stated_range = Some((1.0 / f64::from(n + 2), greatest));
        metric.kind != MetricKind::Counter
    }),
    ("diff-range-widened", |contract, m, _, n| {
        let metric = &mut contract.metrics[m];
        let Some((least, greatest)) = metric.range() else { return false };
        metric.stated_range = Some((least - f64::from(n + 1), greatest));
        metric.kind != MetricKind::Counter
    }),
    ("diff-bucket-removed", |contract, m, l, _| {
        let buckets = &mut contract.metrics[m].buckets;
        let possible = !buckets.is_empty();
        if possible {
            buckets.remove(l % buckets.len());
        }
        possible
    }),
    ("diff-bucket-added", |contract, m, _, n| {
        let metric = &mut contract.metrics[m];
        metric.buckets.push(1e6 + f64::from(n));
        metric.kind == MetricKind::Histogram
    }),
    ("diff-series-limit-lowered", |contract, m, _, n| {
        contract.metrics[m].series_limit -= n + 1;
        true
    }),
    ("diff-series-limit-raised", |contract, m, _, n| {
        contract.metrics[m].series_limit += n + 1;
        true
    }),
    ("diff-help-changed", |contract, m, _, n| append(&mut contract.metrics[m].help, n)),
    ("diff-section-changed", |contract, m, _, n| append(&mut contract.metrics[m].section, n)),
    ("diff-requirement-changed", |contract, m, _, n| {
        contract.metrics[m].requirement = Some(format!("ORCH-{n}"));
        true
    }),
    ("diff-label-removed", |contract, m, l, _| {
        contract.metrics[m].labels.remove(l);
        true
    }),
    ("diff-label-added", |contract, m, l, n| add_label(&mut contract.metrics[m], l, n, false)),
    ("diff-conditional-label-added", |contract, m, l, n| add_label(&mut contract.metrics[m], l, n, true)),
    ("diff-label-order-changed", |contract, m, l, _| {
        let labels = &mut contract.metrics[m].labels;
        labels.swap(0, l);
        l != 0
    }),
    ("diff-label-made-conditional", |contract, m, l, _| {
        let label = &mut contract.metrics[m].labels[l];
        !std::mem::replace(&mut label.conditional, true)
    }),
    ("diff-label-made-required", |contract, m, l, _| {
        let label = &mut contract.metrics[m].labels[l];
        label.conditions.clear();
        std::mem::replace(&mut label.conditional, false)
    }),
    ("diff-condition-tightened", |contract, m, l, n| {
        let label = &mut contract.metrics[m].labels[l];
        let condition = OwnedCondition::OnlyWith { label: "engine".to_owned(), values: vec![format!("none-{n}")] };
        label.conditions.push(condition);
        label.conditional && label.name == "model_id"
    }),
    ("diff-condition-loosened", |contract, m, l, _| {
        let label = &mut contract.metrics[m].labels[l];
        let possible = !label.conditions.is_empty();
        label.conditions.clear();
        possible
    }),
    ("diff-condition-respelled", |contract, m, l, n| {
        let label = &mut contract.metrics[m].labels[l];
        label.conditions.push(OwnedCondition::NotWith { label: format!("nothing_{n}") });
        label.conditional
    }),
    ("diff-value-removed", |contract, m, l, n| {
        with_values(contract, m, l, |values| drop(values.remove(n as usize % values.len())))
    }),
    ("diff-value-added", |contract, m, l, n| {
        with_values(contract, m, l, |values| values.insert(n as usize % values.len(), format!("another value {n}")))
    }),
    ("diff-value-order-changed", |contract, m, l, _| with_values(contract, m, l, |values| values.reverse())),
    ("diff-values-opened", |contract, m, l, n| {
        let values = &mut contract.metrics[m].labels[l].values;
        let before = std::mem::replace(values, OwnedValues::Open { budget: n + 1 });
        matches!(before, OwnedValues::Closed(_))
    }),
    ("diff-values-closed", |contract, m, l, n| {
        let values = &mut contract.metrics[m].labels[l].values;
        let before = std::mem::replace(values, OwnedValues::Closed(vec![format!("value {n}")]));
        matches!(before, OwnedValues::Open { .. })
    }),
];

fn append(text: &mut String, n: u32) -> bool {
    text.push_str(&format!("_{n}"));
    true
}

fn with_values(contract: &mut OwnedContract, m: usize, l: usize, edit: impl FnOnce(&mut Vec<String>)) -> bool {
    match &mut contract.metrics[m].labels[l].values {
        OwnedValues::Closed(values) if values.len() > 1 => {
            edit(values);
            true
        }
        _ => false,
    }
}

fn add_label(metric: &mut OwnedMetric, at: usize, n: u32, conditional: bool) -> bool {
    let mut label = metric.labels[at].clone();
    label.name = format!("extra_{n}");
    label.conditional = conditional;
    label.conditions.clear();
    metric.labels.insert(at, label);
    true
}
