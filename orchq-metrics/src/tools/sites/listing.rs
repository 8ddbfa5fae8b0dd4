//! Which metric has which sites in which binary, as data.

use std::fmt;

use crate::contract::owned::OwnedContract;
use crate::declare::desc::MetricKind;
use crate::tools::binary::{RecordedEmission, RecordedSite};
use crate::tools::sites::Binary;

/// A contract's metrics with their sites, binary by binary. `Display` is a table for people.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MetricSites {
    /// The metric's name.
    pub name: String,
    /// Its kind.
    pub kind: MetricKind,
    /// Its sites, in the order of the binaries, those in test code included.
    pub sites: Vec<RecordedUse>,
}

/// One function in one binary that emits a metric. `Display` is `crate::module::function file:line`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct RecordedUse {
    /// The binary.
    pub binary: String,
    /// The function as `crate::module::function`.
    pub function: String,
    /// The package that it is in.
    pub crate_name: String,
    /// That package's version.
    pub crate_version: String,
    /// The source file.
    pub file: String,
    /// The lines that record the metric.
    pub lines: Vec<u32>,
    /// Whether it is test code, which never counts.
    pub test: bool,
    /// Whether another library records the metric there.
    pub by_another_library: bool,
}

impl RecordedUse {
    pub(super) fn new(binary: &Binary, site: &RecordedSite, emits: &RecordedEmission) -> Self {
        Self {
            binary: binary.name.clone(),
            function: site.path(),
            crate_name: site.crate_name.clone(),
            crate_version: site.crate_version.clone(),
            file: site.file.clone(),
            lines: emits.lines.clone(),
            test: site.is_test(),
            by_another_library: emits.extern_labels.is_some(),
        }
    }
}

impl fmt::Display for RecordedUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {}) {}", self.function, self.crate_name, self.crate_version, self.file)?;
        for (i, line) in self.lines.iter().enumerate() {
            write!(f, "{}{line}", if i == 0 { ":" } else { "," })?;
        }
        f.write_str(if self.by_another_library { " (extern)" } else { "" })?;
        f.write_str(if self.test { " (test code, not counted)" } else { "" })
    }
}

impl Listing {
    /// The sites of a contract's metrics in these binaries.
    ///
    /// ```standalone_crate
    /// use orchq_metrics::{OwnedContract, binary, sites, v1};
    ///
    /// let program = std::fs::read(std::env::current_exe()?)?;
    /// let program = sites::Binary::new("worker", binary::read(&program)?);
    /// let listing = sites::Listing::new(&OwnedContract::from(&v1::CONTRACT), &[program]);
    /// assert!(listing.to_string().starts_with("contract orchqueue 1.0.0: 13 metrics, 0 with a site\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(contract: &OwnedContract, binaries: &[Binary]) -> Self {
        let metrics = contract.metrics.iter().map(|metric| {
            let sites = binaries.iter().flat_map(|binary| {
                let of_metric = binary.emissions_of(contract).filter(|(_, emits)| emits.metric == metric.name);
                of_metric.map(move |(site, emits)| RecordedUse::new(binary, site, emits))
            });
            MetricSites { name: metric.name.clone(), kind: metric.kind, sites: sites.collect() }
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
                if binary != Some(&site.binary) {
                    binary = Some(&site.binary);
                    writeln!(f, "    {}", site.binary)?;
                }
                writeln!(f, "        {site}")?;
            }
        }
        Ok(())
    }
}
