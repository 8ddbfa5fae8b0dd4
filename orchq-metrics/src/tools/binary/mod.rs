//! What a built binary says of itself: the records that its sites and contracts left in it,
//! read without running it.
//!
//! Executables, dynamic libraries, object files and archives of them are read, in ELF, Mach-O
//! (universal files too) and PE; whether they are stripped, or for this machine, does not matter.

mod error;
mod fields;
mod file;
mod record;
#[cfg(test)]
mod tests;

pub use error::ReadError;
pub use record::{RecordedEmission, RecordedLabel, RecordedSite, read_section};

use std::collections::{HashMap, HashSet};

use crate::contract::owned::OwnedContract;

/// What is recorded in a binary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    sites: Vec<RecordedSite>,
    contracts: Vec<OwnedContract>,
    /// For each contract, the package that declares it.
    declared_by: Vec<String>,
    /// The sites of which it is not known yet what metrics they name, and the metrics that are known.
    unresolved: Vec<record::Unresolved>,
    metrics: HashMap<String, record::Metric>,
    canaries: usize,
    damaged: usize,
    has_section: bool,
    is_linked: bool,
}

/// Reads the records of a binary: the bytes of an executable, a library, an object file or an archive.
///
/// # Errors
///
/// When the bytes are not such a file, when the file is damaged, or when its records have a format that this
/// version does not know.
pub fn read(bytes: &[u8]) -> Result<Records, ReadError> {
    file::read(bytes)
}

impl Records {
    /// The annotated functions that were linked into the binary, those in test code included.
    #[must_use]
    pub fn sites(&self) -> &[RecordedSite] {
        &self.sites
    }

    /// The contracts in the binary. OrchQueue's own comes with this crate, and so into
    /// binaries that have nothing to do with it: see [`own_contracts`](Self::own_contracts).
    #[must_use]
    pub fn contracts(&self) -> &[OwnedContract] {
        &self.contracts
    }

    /// The contracts that the binary has something to do with: those that some crate but this one
    /// declares, and those of which it records a metric.
    pub fn own_contracts(&self) -> impl Iterator<Item = &OwnedContract> {
        let recorded: HashSet<_> = self.emissions().map(|(_, emits)| emits.contract.as_str()).collect();
        let contracts = self.contracts.iter().zip(&self.declared_by);
        let own = contracts.filter(move |(contract, declared_by)| {
            *declared_by != env!("CARGO_PKG_NAME") || recorded.contains(contract.name.as_str())
        });
        own.map(|(contract, _)| contract)
    }

    /// Whether the binary has the section that holds records. One that was not built with this crate has none.
    #[must_use]
    pub fn has_section(&self) -> bool {
        self.has_section
    }

    /// Whether the record that this crate itself leaves is there, in every image of the file. Where a
    /// linked binary lacks it, the linker dropped records, and the absence of others means nothing.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.damaged == 0 && (self.canaries > 0 || !self.is_linked)
    }

    /// The same, as of a linked binary.
    #[cfg(test)]
    pub(crate) fn linked(self) -> Self {
        Self { is_linked: true, ..self }
    }

    /// How many records could not be read.
    #[must_use]
    pub fn damaged(&self) -> usize {
        self.damaged
    }

    /// How many records were read.
    #[must_use]
    pub fn count(&self) -> usize {
        self.sites.len() + self.contracts.len() + self.canaries
    }

    /// Every emission, with its site.
    pub fn emissions(&self) -> impl Iterator<Item = (&RecordedSite, &RecordedEmission)> {
        self.sites.iter().flat_map(|site| site.emissions.iter().map(move |emits| (site, emits)))
    }

    /// With each site's metrics looked up in what was read. A site that names another is damaged.
    fn resolved(mut self) -> Self {
        for site in std::mem::take(&mut self.unresolved) {
            match site.resolve(&self.metrics) {
                Some(site) => self.sites.push(site),
                None => self.damaged += 1,
            }
        }
        self.metrics.clear();
        self
    }

    /// Adds what the same program has in its image for another processor, and not in this one.
    fn absorb(&mut self, other: Self) {
        let known: HashSet<_> = self.sites.iter().collect();
        let new: Vec<_> = other.sites.into_iter().filter(|site| !known.contains(site)).collect();
        self.sites.extend(new);
        for (contract, declared_by) in other.contracts.into_iter().zip(other.declared_by) {
            if !self.contracts.contains(&contract) {
                self.contracts.push(contract);
                self.declared_by.push(declared_by);
            }
        }
        self.canaries =
            if other.is_linked { self.canaries.min(other.canaries) } else { self.canaries + other.canaries };
        self.damaged += other.damaged;
        self.has_section |= other.has_section;
        self.is_linked |= other.is_linked;
    }
}
