//! The contract as a document that people read and agree on.

use crate::contract::Contract;
use crate::contract::owned::{OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::contract::value::{alternatives, bounds, conditions, quoted, range, title};
use crate::declare::lifecycle::{Deprecation, OldName};

/// The position of the metrics in the doc comment of a contract's module; by default, its end.
const METRICS_GO_HERE: &str = "<!-- metrics -->";

/// The heading of the labels that are not described at a metric.
pub(crate) const LABEL_VALUES: &str = "Label values";

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
        let sections = self.metrics.chunk_by(|a, b| a.section == b.section);
        parts.extend(sections.map(|metrics| section(self, metrics)));
        parts.push(label_section(self));
        parts.push(after.trim().to_owned());
        parts.retain(|part| !part.is_empty());
        parts.join("\n\n") + "\n"
    }
}

fn section(contract: &OwnedContract, metrics: &[OwnedMetric]) -> String {
    let bullets: Vec<_> = metrics.iter().map(|metric| bullet(contract, metric)).collect();
    let section = metrics.first().map_or("", |metric| metric.section.as_str());
    format!("## {}\n\n{}", title(section), bullets.join("\n"))
}

fn bullet(contract: &OwnedContract, metric: &OwnedMetric) -> String {
    let fields = fields(contract, metric).into_iter().map(|(name, value)| format!("\n  - {name}: {value}"));
    std::iter::once(format!("- {}", metric.name)).chain(fields).collect()
}

/// The fields of a metric in the document, in order, and whether a document can leave one out of every metric.
pub(crate) const FIELDS: [(&str, bool); 10] = [
    ("type", false),
    ("labels", false),
    ("conditional labels", true),
    ("unit", false),
    ("range", true),
    ("buckets", true),
    ("requirement", true),
    ("renamed from", true),
    ("deprecated", true),
    ("description", false),
];

/// The fields that a metric has, with their values.
pub(crate) fn fields(contract: &OwnedContract, metric: &OwnedMetric) -> Vec<(&'static str, String)> {
    let (conditional, required): (Vec<_>, Vec<_>) = metric.labels.iter().partition(|label| label.conditional);
    let renamed_from = metric.renamed_from.as_ref().map(|old| {
        let OldName { name, since, until } = old;
        format!("{name} since {since}, dropped in {until}")
    });
    let deprecated = metric.deprecated.as_ref().map(|Deprecation { since, note }| format!("since {since}, {note}"));
    let values = [
        metric.kind.as_str().to_owned(),
        list(required.into_iter().map(|label| label_in_place(contract, label))),
        list(conditional.into_iter().map(|label| label.name.clone())),
        metric.unit.clone(),
        metric.stated_range.map(range).unwrap_or_default(),
        bounds(&metric.buckets),
        metric.requirement.clone().unwrap_or_default(),
        renamed_from.unwrap_or_default(),
        deprecated.unwrap_or_default(),
        metric.help.clone(),
    ];
    let fields = FIELDS.into_iter().map(|(name, _)| name).zip(values);
    fields.filter(|(_, value)| !value.is_empty()).collect()
}

/// A closed set of one metric is spelled out there.
pub(crate) fn label_in_place(contract: &OwnedContract, label: &OwnedLabel) -> String {
    if is_shared(contract, label) { label.name.clone() } else { with_values(label) }
}

/// A label with its closed set.
pub(crate) fn with_values(label: &OwnedLabel) -> String {
    match &label.values {
        OwnedValues::Closed(values) => format!("{} ({})", label.name, alternatives(values)),
        OwnedValues::Open { .. } => label.name.clone(),
    }
}

fn is_shared(contract: &OwnedContract, label: &OwnedLabel) -> bool {
    contract.metrics.iter().filter(|metric| metric.labels.contains(label)).count() > 1
}

fn label_section(contract: &OwnedContract) -> String {
    let lines = label_values(contract).into_iter().map(|(label, values)| format!("\n- {label}: {values}"));
    let lines: String = lines.collect();
    if lines.is_empty() { lines } else { format!("## {LABEL_VALUES}\n{lines}") }
}

/// The labels that are not described at a metric: shared closed ones, open ones and conditional ones, with their
/// values. If several labels have one name, the metrics are named too: `reason (of orders_total)`.
pub(crate) fn label_values(contract: &OwnedContract) -> Vec<(String, String)> {
    let mut seen: Vec<&OwnedLabel> = Vec::new();
    for label in contract.metrics.iter().flat_map(|metric| &metric.labels) {
        let open = matches!(label.values, OwnedValues::Open { .. });
        if !seen.contains(&label) && (open || label.conditional || is_shared(contract, label)) {
            seen.push(label);
        }
    }
    let described = seen.iter().map(|label| {
        let mut parts = match &label.values {
            OwnedValues::Closed(values) => match values.as_slice() {
                // A document reader would take a single word for prose.
                [value] => vec![quoted(value)],
                values => vec![alternatives(values)],
            },
            OwnedValues::Open { budget } => vec!["open".to_owned(), format!("budget {budget}")],
        };
        if label.conditional {
            parts.push("where it applies".to_owned());
            parts.extend(conditions(label));
        }
        let is_ambiguous = seen.iter().filter(|other| other.name == label.name).count() > 1;
        let of = contract.metrics.iter().filter(|metric| is_ambiguous && metric.labels.contains(label));
        let of = list(of.map(|metric| metric.name.clone()));
        let of = if of.is_empty() { of } else { format!(" (of {of})") };
        (format!("{}{of}", label.name), parts.join(", "))
    });
    described.collect()
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
