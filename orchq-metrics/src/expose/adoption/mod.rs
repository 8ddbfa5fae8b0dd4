//! Collectors of the `prometheus` crate that were adopted for metrics: what they have, for the self-check, and what
//! is wrong in their series, for each scrape.

#[cfg(feature = "prometheus")]
mod adopted;
mod collector;
#[cfg(feature = "prometheus")]
mod read;

pub(crate) use collector::{AdoptedCollector, LabelNames};

use crate::contract::Contract;
#[cfg(feature = "prometheus")]
use crate::emit::metric_ref::FamilyId;
use crate::store::AnyFamily;

/// The collectors that were adopted with a contract. `None` if nothing can be adopted in this build.
#[cfg(feature = "prometheus")]
pub(crate) fn adopted_for(contract: &Contract) -> Option<Vec<AdoptedCollector>> {
    Some(adopted::inspect(contract))
}

#[cfg(not(feature = "prometheus"))]
pub(crate) fn adopted_for(_: &Contract) -> Option<Vec<AdoptedCollector>> {
    None
}

/// Collects each adopted collector of these contracts once, and counts the violations in its series.
pub(crate) fn count_violations(families: impl Iterator<Item = &'static dyn AnyFamily>) {
    #[cfg(feature = "prometheus")]
    adopted::count_violations(families);
    #[cfg(not(feature = "prometheus"))]
    drop(families);
}

/// Whether a collector was adopted for this family.
#[cfg(feature = "prometheus")]
pub(crate) fn has_collector(family: &dyn AnyFamily) -> bool {
    adopted::has_collector(FamilyId::new(family))
}

#[cfg(not(feature = "prometheus"))]
pub(crate) fn has_collector(_: &dyn AnyFamily) -> bool {
    false
}
