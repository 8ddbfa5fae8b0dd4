//! Checks the binaries that are shipped together, such as an orchestrator and its workers, against the contract.

pub(crate) mod binary;
pub(crate) mod catalog;
mod listing;
mod programs;
mod rules;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::slice;

use crate::contract::owned::OwnedContract;
use crate::coverage::rules as coverage;
use crate::report::Report;

pub use crate::tools::binary::ReadError;
pub use binary::Binary;
pub use listing::{Listing, MetricSites};

/// The contracts to check binaries against where the user names none: those that their crates declare or record, one
/// of each name, and OrchQueue's where there is none.
///
/// ```
/// let contracts = orchq_metrics::sites::contracts(&[]);
/// assert_eq!(contracts[0].name, "orchqueue");
/// ```
#[must_use]
pub fn contracts(binaries: &[Binary]) -> Vec<OwnedContract> {
    let mut contracts: Vec<OwnedContract> = Vec::new();
    for contract in binaries.iter().flat_map(|binary| binary.records.own_contracts()) {
        if contracts.iter().all(|known| known.name != contract.name) {
            contracts.push(contract.clone());
        }
    }
    if contracts.is_empty() {
        contracts.push(OwnedContract::from(&crate::v1::CONTRACT));
    }
    contracts
}

/// Whether the binaries together keep the contract: each metric has a site outside test code in one of
/// them, and no site contradicts the contract. Without a contract, this checks those of [`contracts`].
///
/// The report has examined nothing where none of the binaries was built with this crate.
///
/// ```standalone_crate
/// use orchq_metrics::{OwnedContract, sites};
///
/// let program = sites::Binary::read("worker", &std::fs::read(std::env::current_exe()?)?)?;
/// let report = sites::check(Some(&OwnedContract::from(&orchq_metrics::v1::CONTRACT)), &[program]);
/// assert_eq!(report.findings[0].message, "no function in worker emits it");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn check(contract: Option<&OwnedContract>, binaries: &[Binary]) -> Report {
    let mut report = Report::on(binaries.iter().map(|binary| binary.records.count()).sum());
    report.extend(binaries.iter().filter_map(rules::unreadable));
    report.extend(rules::binaries_disagree(binaries));
    let contracts = contract.map_or_else(|| Cow::Owned(contracts(binaries)), |one| Cow::Borrowed(slice::from_ref(one)));
    for (index, contract) in contracts.iter().enumerate() {
        let evidence = programs::evidence(contract, binaries);
        // A binary that lost its records did so for all contracts.
        let lost = evidence.programs.iter().filter(|_| index == 0);
        report.extend(lost.filter_map(|program| coverage::linkage_lost(contract, program)));
        report.extend(coverage::check(&evidence));
        report.extend(rules::site_differs(contract, binaries));
        report.extend(rules::contract_differs(contract, binaries));
    }
    report
}
