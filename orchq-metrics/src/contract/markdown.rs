//! The contract as a document that people read and agree on.

use std::fmt::Write as _;

use crate::contract::Contract;
use crate::contract::owned::{OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::contract::value::{alternatives, bounds, conditions, quoted, title};

/// The position of the metrics in the doc comment of a contract's module; by default, its end.
const METRICS_GO_HERE: &str = "<!-- metrics -->";

impl Contract {
    /// The contract as Markdown: the doc comment of its module, and within it, at
    /// `<!-- metrics -->`, a section for each heading with a bullet for each metric.
    ///
    /// ```
    /// let document = orchq_metrics::v1::CONTRACT.to_markdown();
    /// assert!(document.contains("- queue_depth\n  - type: gauge\n"));
    /// ```
    #[must_use]
    pub fn to_markdown(&self) -> String {
        OwnedContract::from(self).to_markdown()
    }
}

impl OwnedContract {
    /// The contract as Markdown, as [`Contract::to_markdown`] renders it.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let doc = self.doc.trim();
        let (before, after) = doc.split_once(METRICS_GO_HERE).unwrap_or((doc, ""));
        let mut parts = vec![before.trim().to_owned()];
        parts.extend(sections(self));
        parts.push(label_section(self));
        parts.push(after.trim().to_owned());
        parts.retain(|part| !part.is_empty());
        parts.join("\n\n") + "\n"
    }
}

/// Adjacent metrics with the same heading are a section.
fn sections(contract: &OwnedContract) -> Vec<String> {
    let sections = contract.metrics.chunk_by(|a, b| a.section == b.section);
    sections.map(|metrics| section(contract, metrics)).collect()
}

fn section(contract: &OwnedContract, metrics: &[OwnedMetric]) -> String {
    let bullets: Vec<_> = metrics.iter().map(|metric| bullet(contract, metric)).collect();
    let section = metrics.first().map_or("", |metric| metric.section.as_str());
    format!("## {}\n\n{}", title(section), bullets.join("\n"))
}

fn bullet(contract: &OwnedContract, metric: &OwnedMetric) -> String {
    let mut out = format!("- {}", metric.name);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            write!(out, "\n  - {name}: {value}").expect("writing to a string does not fail");
        }
    };
    line("type", metric.kind.as_str());
    let (conditional, required): (Vec<_>, Vec<_>) = metric.labels.iter().partition(|label| label.conditional);
    line("labels", &list(required.into_iter().map(|label| label_in_place(contract, label))));
    line("conditional labels", &list(conditional.into_iter().map(|label| label.name.clone())));
    line("unit", &metric.unit);
    line("buckets", &bounds(&metric.buckets));
    line("requirement", metric.requirement.as_deref().unwrap_or_default());
    line("description", &metric.help);
    out
}

/// A closed set of one metric is spelled out there.
fn label_in_place(contract: &OwnedContract, label: &OwnedLabel) -> String {
    match &label.values {
        OwnedValues::Closed(values) if !is_shared(contract, label) => {
            format!("{} ({})", label.name, alternatives(values))
        }
        _ => label.name.clone(),
    }
}

fn is_shared(contract: &OwnedContract, label: &OwnedLabel) -> bool {
    contract.metrics.iter().filter(|metric| metric.labels.contains(label)).count() > 1
}

/// The labels whose values are not spelled out at a metric: shared closed sets, conditional labels, and budgets.
/// If several labels have the same name, each lists its metrics.
fn label_section(contract: &OwnedContract) -> String {
    let mut seen: Vec<&OwnedLabel> = Vec::new();
    for label in contract.metrics.iter().flat_map(|metric| &metric.labels) {
        let open = matches!(label.values, OwnedValues::Open { .. });
        if !seen.contains(&label) && (open || label.conditional || is_shared(contract, label)) {
            seen.push(label);
        }
    }
    let mut out = String::new();
    for label in &seen {
        let mut parts = match &label.values {
            OwnedValues::Closed(values) => match values.as_slice() {
                // A single word would be read as prose.
                [value] => vec![quoted(value)],
                values => vec![alternatives(values)],
            },
            OwnedValues::Open { budget } => vec!["open".to_owned(), format!("budget {budget}")],
        };
        if label.conditional {
            parts.push("where it applies".to_owned());
            parts.extend(conditions(label));
        }
        let several = seen.iter().filter(|other| other.name == label.name).count() > 1;
        let of = contract.metrics.iter().filter(|metric| several && metric.labels.contains(label));
        let of = list(of.map(|metric| metric.name.clone()));
        let of = if of.is_empty() { of } else { format!(" (of {of})") };
        write!(out, "\n- {}{of}: {}", label.name, parts.join(", ")).expect("writing to a string does not fail");
    }
    if out.is_empty() { out } else { format!("## Label values\n{out}") }
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    /// A document without a place for its metrics.
    #[crate::macros::contract(name = "shop", version = "1.0.0")]
    #[expect(unreachable_pub, reason = "as in a contract that is not in a test")]
    mod shop {
        /// Number of orders.
        #[counter(unit = "1", section = "Sales", requirement = "SHOP-1")]
        pub struct orders_total {}
    }

    #[test]
    fn metrics_go_to_the_end_by_default() {
        assert_eq!(
            shop::CONTRACT.to_markdown(),
            "A document without a place for its metrics.\n\n## Sales\n\n- orders_total\n  - type: counter\n  \
             - unit: 1\n  - requirement: SHOP-1\n  - description: Number of orders.\n",
        );
    }
}
