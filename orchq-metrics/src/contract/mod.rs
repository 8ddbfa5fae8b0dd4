//! A contract: the metrics that a system promises, and their families.

pub(crate) mod fingerprint;
pub(crate) mod linked;
pub(crate) mod markdown;
pub(crate) mod on_scrape;
pub(crate) mod owned;
pub(crate) mod remove;
mod scrape_functions;
pub(crate) mod value;

use std::fmt;
use std::sync::OnceLock;

use linkme::distributed_slice;

use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::contract::scrape_functions::ScrapeFunctions;
use crate::declare::desc::MetricDesc;
use crate::store::AnyFamily;

/// Every contract that is linked into this binary.
#[distributed_slice]
pub static ORCHQ_METRICS_CONTRACTS: [&'static Contract];

/// The families of a contract.
pub type Families = &'static [fn() -> &'static dyn AnyFamily];

/// Adds a contract to those of the binary.
#[doc(hidden)]
#[macro_export]
macro_rules! __linked_contract {
    ($contract:path) => {
        #[$crate::private::linkme::distributed_slice($crate::private::ORCHQ_METRICS_CONTRACTS)]
        #[linkme(crate = $crate::private::linkme)]
        #[$crate::private::__foreign]
        static ORCHQ_METRICS_CONTRACT: &$crate::private::Contract = &$contract;

        #[$crate::private::linkme::distributed_slice($crate::private::ORCHQ_METRICS_FAMILIES)]
        #[linkme(crate = $crate::private::linkme)]
        #[$crate::private::__foreign]
        static ORCHQ_METRICS_FAMILIES: $crate::private::Families = $crate::private::Contract::linked(&$contract);
    };
}
pub use __linked_contract;

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
    families: Families,
    #[expect(dead_code, reason = "what is reachable from a contract, the linker keeps")]
    record: &'static [u8],
    /// Computed once: every scrape serves it.
    fingerprint: OnceLock<String>,
    scrape_functions: ScrapeFunctions,
}

impl Contract {
    /// Called by generated code only.
    #[doc(hidden)]
    pub const fn new(
        name: &'static str,
        version: &'static str,
        doc: &'static str,
        krate: Option<&'static str>,
        families: Families,
        record: &'static [u8],
    ) -> Self {
        Self {
            name,
            version,
            doc,
            krate,
            families,
            record,
            fingerprint: OnceLock::new(),
            scrape_functions: ScrapeFunctions::new(),
        }
    }

    /// Called by generated code only.
    #[doc(hidden)]
    pub const fn linked(&self) -> Families {
        self.families
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

    /// Whether it is part of this crate, and so of binaries that do not use it.
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

    /// A hash of what the contract promises: names, kinds, units, labels with their values and budgets,
    /// buckets, and old names that are still served. Sixteen hexadecimal digits (64-bit FNV-1a).
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        self.fingerprint.get_or_init(|| OwnedContract::from(self).fingerprint())
    }
}

impl From<&Contract> for OwnedContract {
    fn from(contract: &Contract) -> Self {
        Self {
            name: contract.name().to_owned(),
            version: contract.version().to_owned(),
            doc: contract.doc().to_owned(),
            metrics: contract.metrics().map(OwnedMetric::from).collect(),
        }
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
