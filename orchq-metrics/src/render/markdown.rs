//! The contract as the document that people read and agree on.

use std::fmt::Write as _;

use crate::contract::Contract;
use crate::desc::MetricDesc;
use crate::label::{LabelDesc, LabelValues};

/// Where the metrics go in the doc comment of a contract's module; without it,
/// they go to the end.
const METRICS_GO_HERE: &str = "<!-- metrics -->";

/// The contract as Markdown: the doc comment of its module, and within it, at
/// `<!-- metrics -->`, a section for each heading with a bullet for each metric.
///
/// ```
/// let document = orchq_metrics::render::markdown(&orchq_metrics::v1::CONTRACT);
/// assert!(document.contains("- queue_depth\n  - type: gauge\n"));
/// ```
#[must_use]
pub fn markdown(contract: &Contract) -> String {
    let doc = contract.doc().trim();
    let (before, after) = doc.split_once(METRICS_GO_HERE).unwrap_or((doc, ""));
    let mut parts = vec![before.trim().to_owned()];
    parts.extend(sections(contract));
    parts.push(label_section(contract));
    parts.push(after.trim().to_owned());
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n") + "\n"
}

/// Neighbours with one heading make a section.
fn sections(contract: &Contract) -> Vec<String> {
    let metrics: Vec<_> = contract.metrics().collect();
    let sections = metrics.chunk_by(|a, b| a.section == b.section);
    sections.map(|metrics| section(contract, metrics)).collect()
}

fn section(contract: &Contract, metrics: &[&'static MetricDesc]) -> String {
    let bullets: Vec<_> = metrics.iter().map(|desc| bullet(contract, desc)).collect();
    format!("## {}\n\n{}", metrics[0].section, bullets.join("\n"))
}

fn bullet(contract: &Contract, desc: &MetricDesc) -> String {
    let mut out = format!("- {}", desc.name);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            write!(out, "\n  - {name}: {value}").expect("writing to a string does not fail");
        }
    };
    line("type", desc.kind.as_str());
    let required = desc.labels.iter().filter(|label| !label.conditional);
    line("labels", &list(required.map(|label| label_in_place(contract, label))));
    line("conditional labels", &list(desc.conditional_labels().map(str::to_owned)));
    line("unit", desc.unit.as_str());
    line("buckets", &list(desc.buckets.iter().map(f64::to_string)));
    line("requirement", desc.requirement.unwrap_or_default());
    line("description", desc.help);
    out
}

/// A closed set that only one metric has is spelled where it stands.
fn label_in_place(contract: &Contract, label: &LabelDesc) -> String {
    match label.values {
        LabelValues::Closed(values) if !is_shared(contract, label) => format!("{} ({})", label.name, values.join("|")),
        _ => label.name.to_owned(),
    }
}

fn is_shared(contract: &Contract, label: &LabelDesc) -> bool {
    contract.metrics().filter(|desc| desc.labels.contains(label)).count() > 1
}

/// The labels whose values stand at no metric: shared closed sets, and budgets.
fn label_section(contract: &Contract) -> String {
    let mut seen: Vec<LabelDesc> = Vec::new();
    for label in contract.metrics().flat_map(|desc| desc.labels) {
        let open = matches!(label.values, LabelValues::Open { .. });
        if !seen.contains(label) && (open || is_shared(contract, label)) {
            seen.push(*label);
        }
    }
    let mut out = String::new();
    for label in seen {
        let values = match label.values {
            LabelValues::Closed(values) => values.join("|"),
            LabelValues::Open { budget, .. } => format!("open, budget {budget}"),
        };
        let when = if label.conditional { ", where it applies" } else { "" };
        write!(out, "\n- {}: {values}{when}", label.name).expect("writing to a string does not fail");
    }
    if out.is_empty() { out } else { format!("## Label values\n{out}") }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    /// A document without a place for its metrics.
    #[crate::contract(name = "shop", version = "1.0.0")]
    #[expect(unreachable_pub, reason = "as in a contract that is not in a test")]
    mod shop {
        /// Number of orders.
        #[counter(unit = "1", section = "Sales", requirement = "SHOP-1")]
        pub struct orders_total {}
    }

    #[test]
    fn metrics_go_to_the_end_where_no_place_is_given() {
        assert_eq!(
            super::markdown(&shop::CONTRACT),
            "A document without a place for its metrics.\n\n## Sales\n\n- orders_total\n  - type: counter\n  \
             - unit: 1\n  - requirement: SHOP-1\n  - description: Number of orders.\n",
        );
    }
}
