//! What several binaries record together, against the contract: the orchestrator and the workers as shipped.

pub(crate) mod catalog;
mod listing;
mod rules;
#[cfg(test)]
mod tests;

use crate::contract::owned::OwnedContract;
use crate::report::Report;
use crate::tools::binary::{RecordedEmission, RecordedSite, Records};

pub use listing::{Listing, MetricSites, RecordedUse};

/// A binary that was read, under the name that findings call it by.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Binary {
    /// Its name: a path, as the user gave it.
    pub name: String,
    /// What is recorded in it.
    pub records: Records,
}

impl Binary {
    /// A binary of this name.
    #[must_use]
    pub fn new(name: impl Into<String>, records: Records) -> Self {
        Self { name: name.into(), records }
    }

    fn emissions_of<'a>(
        &'a self,
        contract: &'a OwnedContract,
    ) -> impl Iterator<Item = (&'a RecordedSite, &'a RecordedEmission)> {
        self.records.emissions().filter(|(_, emits)| emits.contract == contract.name)
    }
}

/// The contracts to check binaries against where none is named: those that they have something to do
/// with, one of each name, and OrchQueue's where there is none.
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

/// Whether the binaries together cover the contract: each metric has a site outside test code in one of
/// them, and no site says otherwise than the contract. Without a contract, those of
/// [`contracts`] are checked.
///
/// Read the binaries with [`binary::read`](crate::binary::read). The report has examined nothing
/// where none of them was built with this crate.
///
/// ```standalone_crate
/// use orchq_metrics::{OwnedContract, binary, sites};
///
/// let program = std::fs::read(std::env::current_exe()?)?;
/// let program = sites::Binary::new("worker", binary::read(&program)?);
/// let report = sites::check(Some(&OwnedContract::from(&orchq_metrics::v1::CONTRACT)), &[program]);
/// assert_eq!(report.findings[0].message, "no function in worker emits it");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn check(contract: Option<&OwnedContract>, binaries: &[Binary]) -> Report {
    let mut report = Report::on(binaries.iter().map(|binary| binary.records.count()).sum());
    report.extend(rules::of_binaries(binaries));
    let found;
    let contracts = match contract {
        Some(contract) => std::slice::from_ref(contract),
        None => {
            found = contracts(binaries);
            found.as_slice()
        }
    };
    for contract in contracts {
        report.extend(rules::of_contract(contract, binaries));
    }
    report
}
