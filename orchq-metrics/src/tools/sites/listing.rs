//! The sites of each metric in each binary, as data.

use std::fmt;

use crate::contract::owned::OwnedContract;
use crate::coverage::evidence::sites_by_metric;
use crate::coverage::site::SiteUse;
use crate::declare::desc::MetricKind;
use crate::tools::sites::binary::Binary;
use crate::tools::sites::programs::evidence;

/// A contract's metrics with their sites, binary by binary. `Display` is a table for people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Listing {
    /// The contract's name.
    pub contract: String,
    /// Its version.
    pub version: String,
    /// Its metrics, in its order.
    pub metrics: Vec<MetricSites>,
}

/// One metric, and the functions that emit it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct MetricSites {
    /// The metric's name.
    pub name: String,
    /// Its kind.
    pub kind: MetricKind,
    /// Its sites, in the order of the binaries, those in test code included.
    pub sites: Vec<SiteUse>,
}

impl Listing {
    /// The sites of a contract's metrics in these binaries.
    ///
    /// ```standalone_crate
    /// use orchq_metrics::{OwnedContract, sites, v1};
    ///
    /// let program = sites::Binary::read("worker", &std::fs::read(std::env::current_exe()?)?)?;
    /// let listing = sites::Listing::new(&OwnedContract::from(&v1::CONTRACT), &[program]);
    /// assert!(listing.to_string().starts_with("contract orchqueue 1.0.0: 13 metrics, 0 with a site\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(contract: &OwnedContract, binaries: &[Binary]) -> Self {
        let evidence = evidence(contract, binaries);
        let sites = sites_by_metric(contract, evidence.emissions());
        let metrics = contract.metrics.iter().zip(sites).map(|(metric, sites)| MetricSites {
            name: metric.name.clone(),
            kind: metric.kind,
            sites: sites.into_iter().cloned().collect(),
        });
        Self { contract: contract.name.clone(), version: contract.version.clone(), metrics: metrics.collect() }
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let covered = self.metrics.iter().filter(|metric| metric.sites.iter().any(|site| !site.test)).count();
        let (name, version, count) = (&self.contract, &self.version, self.metrics.len());
        writeln!(f, "contract {name} {version}: {count} metrics, {covered} with a site\n")?;
        let width = self.metrics.iter().map(|metric| metric.name.len()).max().unwrap_or(0).max("metric".len());
        writeln!(f, "{:width$}  kind       sites", "metric")?;
        for metric in &self.metrics {
            let counted = metric.sites.iter().filter(|site| !site.test).count();
            writeln!(f, "{:width$}  {:9}  {counted}", metric.name, metric.kind)?;
            let mut binary = None;
            for site in &metric.sites {
                if binary != site.binary.as_deref() {
                    binary = site.binary.as_deref();
                    writeln!(f, "    {}", binary.unwrap_or_default())?;
                }
                writeln!(f, "        {site}")?;
            }
        }
        Ok(())
    }
}
