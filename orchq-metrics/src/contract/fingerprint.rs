//! The promises of a contract as one number.

use crate::contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::fnv::{OFFSET_BASIS, fnv1a};

impl OwnedContract {
    /// A hash of what the contract promises: names, kinds, units, ranges, labels with their values and budgets,
    /// buckets, and old names that are still served. Sixteen hexadecimal digits (64-bit FNV-1a), as in
    /// [`Contract::fingerprint`](crate::Contract::fingerprint) and in a scrape.
    ///
    /// ```
    /// use orchq_metrics::{OwnedContract, v1::CONTRACT};
    ///
    /// assert_eq!(OwnedContract::from(&CONTRACT).fingerprint(), CONTRACT.fingerprint());
    /// ```
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut hash = Fingerprint(OFFSET_BASIS);
        self.metrics.iter().for_each(|metric| hash.metric(metric));
        format!("{:016x}", hash.0)
    }
}

/// A hash of a text, the same in every build.
#[cfg(feature = "tools")]
pub(crate) fn of_text(text: &str) -> u64 {
    let mut hash = Fingerprint(OFFSET_BASIS);
    hash.field(text);
    hash.0
}

struct Fingerprint(u64);

impl Fingerprint {
    /// Neither separator occurs in UTF-8, so that two different lists of fields never have the same bytes.
    fn field(&mut self, text: &str) {
        self.0 = fnv1a(fnv1a(self.0, text.as_bytes()), &[0xff]);
    }

    fn end_of_list(&mut self) {
        self.0 = fnv1a(self.0, &[0xfe]);
    }

    fn metric(&mut self, metric: &OwnedMetric) {
        self.field(&metric.name);
        self.field(metric.kind.as_str());
        self.field(&metric.unit);
        metric.labels.iter().for_each(|label| self.label(label));
        metric.buckets.iter().for_each(|bound| self.field(&bound.to_string()));
        // The range of the unit is in the unit.
        if let Some((least, greatest)) = metric.stated_range {
            // Not a bound, because it is not a number.
            self.field("range");
            [least, greatest].iter().for_each(|end| self.field(&end.to_string()));
        }
        if let Some(old) = &metric.renamed_from {
            self.field("renamed from");
            self.field(&old.name);
            self.field(&old.until);
        }
        self.end_of_list();
    }

    fn label(&mut self, label: &OwnedLabel) {
        self.field(&label.name);
        self.field(if label.conditional { "conditional" } else { "required" });
        match &label.values {
            OwnedValues::Closed(values) => values.iter().for_each(|value| self.field(value)),
            OwnedValues::Open { budget } => {
                self.field("open");
                self.end_of_list();
                self.field(&budget.to_string());
            }
        }
        self.end_of_list();
        for condition in &label.conditions {
            match condition {
                // The name of a label has no space.
                OwnedCondition::OnlyWith { label, values } => {
                    self.field("only with");
                    self.field(label);
                    values.iter().for_each(|value| self.field(value));
                }
                OwnedCondition::NotWith { label } => {
                    self.field("not with");
                    self.field(label);
                }
            }
            self.end_of_list();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_labels_have_different_fingerprints() {
        let of = |change: &dyn Fn(&mut OwnedLabel)| {
            let mut contract = OwnedContract::from(&crate::v1::CONTRACT);
            change(&mut contract.metrics[0].labels[2]);
            contract.fingerprint()
        };
        let open = of(&|label| label.values = OwnedValues::Open { budget: 64 });
        assert_ne!(open, of(&|label| label.values = OwnedValues::Closed(vec!["64".to_owned()])));
        assert_ne!(open, of(&|label| label.values = OwnedValues::Closed(vec!["open".to_owned(), "64".to_owned()])));
        let not_with = of(&|label| label.conditions = vec![OwnedCondition::NotWith { label: "x".to_owned() }]);
        let only_with = OwnedCondition::OnlyWith { label: "x".to_owned(), values: Vec::new() };
        assert_ne!(not_with, of(&|label| label.conditions = vec![only_with.clone()]));
    }
}
