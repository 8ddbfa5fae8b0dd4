//! The contracts that a binary uses.

use std::collections::HashSet;
use std::fmt;
use std::ops::Deref;
use std::sync::LazyLock;

use crate::contract::{Contract, ORCHQ_METRICS_CONTRACTS};
use crate::emit::metric_ref::FamilyId;
use crate::emit::site::{self, Site};
use crate::emit::site_record::Origin;

/// The contracts that are linked into this binary, by name and version.
///
/// OrchQueue's contract, which comes with this crate, is among them only if a function in the binary records one of its
/// metrics, and that of the process after `process::collect_on_scrape`. See [`Contracts`].
#[must_use]
pub fn contracts() -> Contracts {
    /// Without the contracts that only this crate records, and with them.
    static LINKED: LazyLock<[Vec<&'static Contract>; 2]> = LazyLock::new(|| {
        [false, true].map(|counts_own| {
            let mut linked = in_use(&ORCHQ_METRICS_CONTRACTS, &site::linked().unwrap_or_default(), counts_own);
            // The linker gives no order to rely on.
            linked.sort_by_key(|contract| (contract.name(), contract.version()));
            linked
        })
    });
    let [without, with] = &*LINKED;
    let reads_own = with.iter().any(|contract| contract.comes_with_this_crate() && contract.is_read_on_scrape());
    Contracts { linked: if reads_own { with } else { without } }
}

/// All contracts of this binary, to check, serve and push with one call: the application's and those of the libraries
/// that it uses. Given by [`contracts`].
///
/// It dereferences to a slice of the contracts, which is also what the OTLP exporter takes.
///
/// ```standalone_crate
/// use orchq_metrics::{contract, contracts, emits, text};
///
/// #[contract(name = "shop", version = "1.0.0")]
/// mod metrics {
///     /// Number of orders.
///     #[counter(unit = "{order}")]
///     pub struct orders_total {}
/// }
///
/// #[emits(metrics::orders_total)]
/// fn order() {
///     metrics::orders_total {}.inc();
/// }
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     println!("{}", contracts().self_check()?); // fails, with tables, if a metric of any contract has no function
///
///     order();
///     let page = text::encode(&contracts());
///     assert!(page.contains("orders_total 1\n"));
///     assert_eq!(contracts().iter().map(|contract| contract.name()).collect::<Vec<_>>(), ["shop"]);
///     Ok(())
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Contracts {
    linked: &'static [&'static Contract],
}

impl Deref for Contracts {
    type Target = [&'static Contract];

    fn deref(&self) -> &Self::Target {
        self.linked
    }
}

impl fmt::Debug for Contracts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.linked).finish()
    }
}

/// The contracts that this binary uses. Those that are linked with this crate count only if something records them:
/// another crate, or this one where it `counts_own`.
pub(crate) fn in_use(contracts: &[&'static Contract], sites: &[&Site], counts_own: bool) -> Vec<&'static Contract> {
    let is_own = |site: &Site| Origin::is_of_this_crate(&site.origin.path());
    let emissions = sites.iter().filter(|site| counts_own || !is_own(site)).flat_map(|site| site.emissions());
    let recorded: HashSet<_> = emissions.map(|emits| emits.metric.id()).collect();
    let is_recorded = |contract: &Contract| contract.families().any(|own| recorded.contains(&FamilyId::new(own)));
    let counts = |contract: &&&Contract| !contract.comes_with_this_crate() || is_recorded(contract);
    contracts.iter().filter(counts).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1;

    #[test]
    fn a_contract_that_comes_with_this_crate_counts_where_it_is_recorded() {
        assert!(in_use(&[&v1::CONTRACT], &[], true).is_empty());
        let family = v1::CONTRACT.family_pointers().next().expect("it has metrics");
        let site = site::made_by_hand("admit", family);
        assert_eq!(in_use(&[&v1::CONTRACT], &[site], false).len(), 1);
    }
}
