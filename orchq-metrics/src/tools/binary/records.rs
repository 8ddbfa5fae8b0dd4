//! The records in a binary.

use std::collections::{HashMap, HashSet};

use super::record::{RecordedEmission, RecordedMetric, Unresolved};
use crate::contract::owned::OwnedContract;
use crate::emit::site_record::Origin;

/// The records in a binary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// How many functions were linked into the binary, those in test code included.
    pub(super) sites: usize,
    pub(super) emissions: Vec<RecordedEmission>,
    pub(super) contracts: Vec<OwnedContract>,
    /// For each contract, the package that declares it.
    pub(super) declared_by: Vec<String>,
    /// The sites whose metrics are not looked up yet, and the metrics.
    pub(super) unresolved: Vec<Unresolved>,
    pub(super) metrics: HashMap<String, RecordedMetric>,
    pub(super) canaries: usize,
    pub(super) damaged: usize,
    pub(super) has_section: bool,
    pub(super) is_linked: bool,
}

impl Records {
    /// How many annotated functions are in the binary, those in test code included.
    #[must_use]
    pub fn sites(&self) -> usize {
        self.sites
    }

    /// Every metric of every function, those in test code included.
    #[must_use]
    pub fn emissions(&self) -> &[RecordedEmission] {
        &self.emissions
    }

    /// The contracts in the binary. Every binary that links this crate has OrchQueue's: see
    /// [`own_contracts`](Self::own_contracts).
    #[must_use]
    pub fn contracts(&self) -> &[OwnedContract] {
        &self.contracts
    }

    /// The contracts that other crates declare, and those with a metric that the binary records, except as this crate
    /// does.
    pub fn own_contracts(&self) -> impl Iterator<Item = &OwnedContract> {
        let others = self.emissions.iter().filter(|emits| !Origin::is_of_this_crate(&emits.site.function));
        let recorded: HashSet<_> = others.map(|emits| emits.metric.contract.as_str()).collect();
        let contracts = self.contracts.iter().zip(&self.declared_by);
        let own = contracts.filter(move |(contract, declared_by)| {
            *declared_by != env!("CARGO_PKG_NAME") || recorded.contains(contract.name.as_str())
        });
        own.map(|(contract, _)| contract)
    }

    /// Whether the binary has the section of records, as every binary that was built with this crate does.
    #[must_use]
    pub fn has_section(&self) -> bool {
        self.has_section
    }

    /// Whether every image of the file has the record of this crate itself. If a linked binary lacks it, the linker
    /// dropped records, and the absence of others means nothing.
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
        self.sites + self.contracts.len() + self.canaries
    }

    /// The same, under the name of the binary.
    pub(crate) fn of_binary(mut self, name: &str) -> Self {
        self.emissions.iter_mut().for_each(|emits| emits.site.binary = Some(name.to_owned()));
        self
    }

    /// Looks up the metrics of each site. A site with an unknown metric is damaged.
    pub(super) fn resolved(mut self) -> Self {
        for site in std::mem::take(&mut self.unresolved) {
            match site.resolve(&self.metrics) {
                Some(emissions) => {
                    self.sites += 1;
                    self.emissions.extend(emissions);
                }
                None => self.damaged += 1,
            }
        }
        self.metrics.clear();
        self
    }

    /// Adds the records of an object file of the same archive.
    pub(super) fn append(&mut self, other: Self) {
        self.sites += other.sites;
        self.emissions.extend(other.emissions);
        self.unresolved.extend(other.unresolved);
        self.metrics.extend(other.metrics);
        self.contracts.extend(other.contracts);
        self.declared_by.extend(other.declared_by);
        self.canaries += other.canaries;
        self.damaged += other.damaged;
        self.has_section |= other.has_section;
    }

    /// Adds the records of the same program's image for another processor.
    pub(super) fn merge(&mut self, mut other: Self) {
        let (sites, canaries) = (self.sites.max(other.sites), self.canaries.min(other.canaries));
        let is_linked = other.is_linked;
        let known: HashSet<_> = self.emissions.iter().collect();
        other.emissions.retain(|emits| !known.contains(emits));
        let contracts = std::mem::take(&mut other.contracts).into_iter().zip(std::mem::take(&mut other.declared_by));
        let new = contracts.filter(|(contract, _)| !self.contracts.contains(contract));
        (other.contracts, other.declared_by) = new.unzip();
        self.append(other);
        self.sites = sites;
        self.is_linked |= is_linked;
        if is_linked {
            self.canaries = canaries;
        }
    }
}
