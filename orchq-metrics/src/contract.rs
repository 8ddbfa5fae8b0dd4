//! A contract: the metrics that a system promises, and the families that hold them.

use std::fmt;
use std::sync::OnceLock;

use linkme::distributed_slice;

use crate::desc::MetricDesc;
use crate::label::{Condition, LabelValues};
use crate::store::AnyFamily;

/// Every contract that is linked into this binary.
#[distributed_slice]
pub static ORCHQ_METRICS_CONTRACTS: [&'static Contract];

/// The metrics that a system promises, as declared by [`contract`](macro@crate::contract).
///
/// ```
/// use orchq_metrics::v1::CONTRACT;
///
/// assert_eq!(CONTRACT.name(), "orchqueue");
/// assert!(CONTRACT.metrics().any(|desc| desc.name == "tasks_started_total"));
/// assert_eq!(CONTRACT.metric("queue_depth").unwrap().unit.as_str(), "1");
/// ```
pub struct Contract {
    name: &'static str,
    version: &'static str,
    doc: &'static str,
    krate: Option<&'static str>,
    families: &'static [fn() -> &'static dyn AnyFamily],
    /// Worked out once: every scrape serves it.
    fingerprint: OnceLock<String>,
}

impl Contract {
    /// Called by generated code only.
    #[must_use]
    pub(crate) const fn new(
        name: &'static str,
        version: &'static str,
        doc: &'static str,
        krate: Option<&'static str>,
        families: &'static [fn() -> &'static dyn AnyFamily],
    ) -> Self {
        Self { name, version, doc, krate, families, fingerprint: OnceLock::new() }
    }

    /// The contract's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The contract's version.
    #[must_use]
    pub const fn version(&self) -> &'static str {
        self.version
    }

    /// The doc comment of the contract's module, as Markdown.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }

    /// Whether it comes with this crate, and so into binaries that have nothing to do with it.
    pub(crate) fn comes_with_this_crate(&self) -> bool {
        self.krate == Some(env!("CARGO_PKG_NAME"))
    }

    /// Its metrics, in the order of their declaration.
    pub fn metrics(&self) -> impl ExactSizeIterator<Item = &'static MetricDesc> + use<> {
        self.families.iter().map(|family| family().desc())
    }

    /// The metric of this name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&'static MetricDesc> {
        self.metrics().find(|desc| desc.name == name)
    }

    pub(crate) fn families(&self) -> impl Iterator<Item = &'static dyn AnyFamily> + use<> {
        self.family_pointers().map(|family| family())
    }

    pub(crate) fn family_pointers(&self) -> impl Iterator<Item = fn() -> &'static dyn AnyFamily> + use<> {
        self.families.iter().copied()
    }

    /// A number that is the same for two builds exactly when they promise the same:
    /// names, kinds, units, labels with their values and budgets, and buckets.
    /// Sixteen hexadecimal digits (64-bit FNV-1a).
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        self.fingerprint.get_or_init(|| self.hash_promises())
    }

    fn hash_promises(&self) -> String {
        let mut hash = Fnv1a::new();
        for desc in self.metrics() {
            hash.field(desc.name);
            hash.field(desc.kind.as_str());
            hash.field(desc.unit.as_str());
            for label in desc.labels {
                hash.field(label.name);
                hash.field(if label.conditional { "conditional" } else { "required" });
                match label.values {
                    LabelValues::Closed(values) => values.iter().for_each(|value| hash.field(value)),
                    LabelValues::Open { budget, .. } => hash.field(&budget.to_string()),
                }
                hash.end_of_list();
                for condition in label.conditions {
                    match condition {
                        Condition::OnlyWith { label, values } => {
                            hash.field(label);
                            values.iter().for_each(|value| hash.field(value));
                        }
                        Condition::NotWith { label } => hash.field(label),
                    }
                    hash.end_of_list();
                }
            }
            for bound in desc.buckets {
                hash.field(&bound.to_string());
            }
            hash.end_of_list();
        }
        format!("{:016x}", hash.0)
    }
}

impl fmt::Debug for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contract")
            .field("name", &self.name)
            .field("version", &self.version)
            .field("metrics", &self.metrics().map(|desc| desc.name).collect::<Vec<_>>())
            .finish()
    }
}

/// FNV-1a: <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>. `DefaultHasher`
/// promises no stable output, and a fingerprint is compared across a fleet.
struct Fnv1a(u64);

impl Fnv1a {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }

    /// Neither separator can stand in UTF-8, so no two lists of fields run into one.
    fn field(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.byte(byte));
        self.byte(0xff);
    }

    fn end_of_list(&mut self) {
        self.byte(0xfe);
    }
}

/// The contracts in this binary.
#[must_use]
pub(crate) fn linked() -> Vec<&'static Contract> {
    ORCHQ_METRICS_CONTRACTS.iter().copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fnv1a_gives_the_published_values() {
        // From the draft's test vectors: the hashes of "" and "a".
        let mut hash = Fnv1a::new();
        assert_eq!(hash.0, 0xcbf2_9ce4_8422_2325);
        hash.byte(b'a');
        assert_eq!(hash.0, 0xaf63_dc4c_8601_ec8c);
    }
}
