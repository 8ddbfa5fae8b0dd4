//! How far each metric of a contract has come: a pure function of the
//! contract, the sites in the binary and what was said to be expected.

pub(crate) mod catalog;
pub(crate) mod check;
mod rules;
pub(crate) mod table;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;

use crate::contract::Contract;
use crate::declare::desc::MetricDesc;
use crate::emit::metric_ref::{Emits, FamilyId, MetricRef};
use crate::emit::site::Site;
use crate::report::finding::{Finding, Severity};
use crate::store::AnyFamily;

/// How far a metric has come, from the source line towards the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Rung {
    /// It is in the contract.
    Declared,
    /// An annotated function outside test code, linked into this binary, emits it.
    Linked,
    /// Such a function has recorded a value in this process.
    Hit,
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Declared => "declared",
            Self::Linked => "linked",
            Self::Hit => "hit",
        })
    }
}

/// What a check expects not to find, and why.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Exemption {
    /// The metric's name.
    pub metric: &'static str,
    /// What is not expected.
    pub expectation: Expectation,
    /// Why.
    pub reason: String,
    /// The metric itself: another contract's may have the same name.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) family: MetricRef,
}

/// What an [`Exemption`] says of its metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Expectation {
    /// Its sites are in another binary.
    Elsewhere,
    /// It has a site here that cannot record in this process.
    Unhit,
}

/// What is in the binary.
pub(crate) struct Evidence {
    /// `None` when the linker lost the section of sites.
    pub(crate) sites: Option<Vec<&'static Site>>,
    pub(crate) contracts: Vec<&'static Contract>,
}

/// A site, and one metric that it emits.
type Use = (&'static Site, &'static Emits);

impl Evidence {
    /// Every emission in the binary, of whatever contract, in the order of the sites.
    fn emissions(&self) -> impl Iterator<Item = Use> {
        let sites = self.sites.iter().flatten();
        sites.flat_map(|site| site.emissions().map(move |emits| (*site, emits)))
    }

    /// The same, apart for each family.
    fn emissions_by_family(&self) -> HashMap<FamilyId, Vec<Use>> {
        let mut by_family: HashMap<_, Vec<_>> = HashMap::new();
        for (site, emits) in self.emissions() {
            by_family.entry(emits.metric().id()).or_default().push((site, emits));
        }
        by_family
    }
}

/// How far each metric of one contract has come in this process, and what is
/// wrong about it. `Display` is a table for people.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Coverage {
    pub(crate) contract: &'static str,
    pub(crate) version: &'static str,
    pub(crate) fingerprint: String,
    pub(crate) metrics: Vec<MetricCoverage>,
    pub(crate) findings: Vec<Finding>,
}

/// How far one metric has come.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct MetricCoverage {
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub(crate) desc: &'static MetricDesc,
    pub(crate) rung: Rung,
    pub(crate) sites: Vec<SiteUse>,
    pub(crate) exemption: Option<Exemption>,
}

/// One function that emits a metric. `Display` is `crate::module::function file:line`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SiteUse {
    /// The function as `crate::module::function`.
    pub function: String,
    /// The package that it is in.
    pub crate_name: &'static str,
    /// That package's version.
    pub crate_version: &'static str,
    /// The source file.
    pub file: &'static str,
    /// The lines that record the metric.
    pub lines: &'static [u32],
    /// Whether it is test code, which never counts.
    pub test: bool,
    /// Whether another library records the metric there.
    pub by_another_library: bool,
    /// Whether it has recorded a value in this process.
    pub hit: bool,
}

impl SiteUse {
    fn new(site: &Site, emits: &Emits) -> Self {
        Self {
            function: site.path(),
            crate_name: site.crate_name(),
            crate_version: site.crate_version(),
            file: site.file(),
            lines: emits.lines(),
            test: site.is_test(),
            by_another_library: emits.extern_labels().is_some(),
            hit: emits.is_hit(),
        }
    }
}

impl fmt::Display for SiteUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.function, self.file)?;
        for (i, line) in self.lines.iter().enumerate() {
            write!(f, "{}{line}", if i == 0 { ":" } else { "," })?;
        }
        f.write_str(if self.by_another_library { " (extern)" } else { "" })?;
        f.write_str(if self.test { " (test code, not counted)" } else { "" })
    }
}

impl MetricCoverage {
    /// The metric's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.desc.name
    }

    /// What the metric is.
    #[must_use]
    pub fn desc(&self) -> &'static MetricDesc {
        self.desc
    }

    /// The highest rung that it has reached.
    #[must_use]
    pub fn rung(&self) -> Rung {
        self.rung
    }

    /// The functions that emit it, those in test code included.
    #[must_use]
    pub fn sites(&self) -> &[SiteUse] {
        &self.sites
    }

    /// What the check was told to expect of it.
    #[must_use]
    pub fn exemption(&self) -> Option<&Exemption> {
        self.exemption.as_ref()
    }

    fn falls_short_of(&self, rung: Rung) -> bool {
        let excused = match self.exemption.as_ref().map(|exemption| exemption.expectation) {
            Some(Expectation::Elsewhere) => true,
            Some(Expectation::Unhit) => self.rung >= Rung::Linked,
            None => false,
        };
        self.rung < rung && !excused
    }
}

impl Coverage {
    /// Compares a contract with what is in the binary.
    pub(crate) fn evaluate(contract: &Contract, evidence: &Evidence, exemptions: &[Exemption]) -> Self {
        // There can be very many sites: nothing here or in the rules goes over all of them for each metric.
        let emissions = evidence.emissions_by_family();
        // Of two exemptions of one metric the first counts.
        let exempted: HashMap<_, _> = exemptions.iter().rev().map(|given| (given.family.id(), given)).collect();
        let metric = |family: &'static dyn AnyFamily| {
            let id = FamilyId::new(family);
            let emissions = emissions.get(&id).map(Vec::as_slice).unwrap_or_default();
            MetricCoverage::evaluate(family.desc(), emissions, exempted.get(&id).copied())
        };
        let metrics: Vec<_> = contract.families().map(metric).collect();
        let findings = rules::check(&rules::Checked::new(contract, evidence, &metrics, exemptions));
        Self {
            contract: contract.name(),
            version: contract.version(),
            fingerprint: contract.fingerprint().to_owned(),
            metrics,
            findings,
        }
    }

    /// Every metric of the contract, in its order.
    #[must_use]
    pub fn metrics(&self) -> &[MetricCoverage] {
        &self.metrics
    }

    /// The metric of this name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&MetricCoverage> {
        self.metrics.iter().find(|metric| metric.name() == name)
    }

    /// What is wrong.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether a finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The metrics that have not reached `rung` and are not excused from it.
    pub fn below(&self, rung: Rung) -> impl Iterator<Item = &MetricCoverage> {
        self.metrics.iter().filter(move |metric| metric.falls_short_of(rung))
    }

    /// For tests: every metric has reached `rung`, and nothing is wrong.
    ///
    /// # Panics
    ///
    /// Otherwise, with the table.
    #[track_caller]
    pub fn assert(&self, rung: Rung) {
        let below: Vec<_> = self.below(rung).map(MetricCoverage::name).collect();
        assert!(below.is_empty() && !self.has_errors(), "{}", Shortfall { rung, below, coverage: self });
    }
}

/// What a failed [`Coverage::assert`] says.
struct Shortfall<'a> {
    rung: Rung,
    below: Vec<&'static str>,
    coverage: &'a Coverage,
}

impl fmt::Display for Shortfall<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rung, below, coverage } = self;
        match below.as_slice() {
            [] => write!(f, "every metric is {rung}, but the check has findings")?,
            names => {
                write!(f, "{} of {} metrics not {rung}: {}", names.len(), coverage.metrics.len(), names.join(", "))?
            }
        }
        write!(f, "\n\n{coverage}")
    }
}

impl MetricCoverage {
    fn evaluate(desc: &'static MetricDesc, emissions: &[Use], exemption: Option<&Exemption>) -> Self {
        let sites: Vec<_> = emissions.iter().map(|(site, emits)| SiteUse::new(site, emits)).collect();
        let counted = || sites.iter().filter(|site| !site.test);
        let rung = match (counted().next(), counted().any(|site| site.hit)) {
            (None, _) => Rung::Declared,
            (Some(_), false) => Rung::Linked,
            (Some(_), true) => Rung::Hit,
        };
        Self { desc, rung, sites, exemption: exemption.cloned() }
    }
}
