//! The rung that each metric of a contract has reached: a pure function of the contract, the evidence and the
//! exemptions.

mod adopted;
pub(crate) mod catalog;
pub(crate) mod check;
pub(crate) mod contracts;
pub(crate) mod evidence;
pub(crate) mod rules;
pub(crate) mod site;
pub(crate) mod table;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::contract::Contract;
use crate::coverage::evidence::{Evidence, Exemption, Expectation, sites_by_metric};
use crate::coverage::site::SiteUse;
use crate::declare::desc::MetricDesc;
use crate::expose::adoption::AdoptedCollector;
use crate::report::finding::{Finding, Severity};

/// How far a metric has come, from the source line to the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Rung {
    /// It is in the contract.
    Declared,
    /// An annotated function outside test code, linked into this binary, emits it.
    Linked,
    /// Such a function has recorded a value in this process, or a collector that was
    /// [adopted](crate::Contract#method.adopt) has one.
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

/// The rung of each metric of a contract in this process, and the findings. `Display` is a table for people.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Coverage {
    /// The contract's name.
    pub contract: &'static str,
    /// The contract's version.
    pub version: &'static str,
    /// The contract's [`fingerprint`](Contract::fingerprint).
    pub fingerprint: String,
    /// Every metric of the contract, in its order.
    pub metrics: Vec<MetricCoverage>,
    /// The findings.
    pub findings: Vec<Finding>,
}

/// The rung of one metric.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MetricCoverage {
    /// The metric's descriptor.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub desc: &'static MetricDesc,
    /// The highest rung that it has reached.
    pub rung: Rung,
    /// The functions that emit it, those in test code included.
    pub sites: Vec<SiteUse>,
    /// Its exemption in this check.
    pub exemption: Option<Exemption>,
    /// For how many collectors it was [adopted](crate::Contract#method.adopt).
    pub adopted: usize,
}

impl MetricCoverage {
    fn evaluate(
        desc: &'static MetricDesc,
        sites: Vec<&SiteUse>,
        exemption: Option<&Exemption>,
        collectors: &[&AdoptedCollector],
    ) -> Self {
        let counted = || sites.iter().filter(|site| !site.test);
        let has_samples = collectors.iter().any(|collector| collector.hit);
        let rung = match (counted().next(), counted().any(|site| site.has_recorded(has_samples))) {
            (None, _) => Rung::Declared,
            (Some(_), false) => Rung::Linked,
            (Some(_), true) => Rung::Hit,
        };
        let (sites, adopted) = (sites.into_iter().cloned().collect(), collectors.len());
        Self { desc, rung, sites, exemption: exemption.cloned(), adopted }
    }

    /// The metric's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.desc.name
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
    /// Compares a contract with this process.
    pub(crate) fn evaluate(contract: &Contract, evidence: &Evidence<'_>) -> Self {
        let sites = sites_by_metric(&evidence.contract, evidence.emissions());
        let metrics = contract.metrics().zip(sites).enumerate().map(|(index, (desc, sites))| {
            let collectors: Vec<_> = evidence.collectors(index).collect();
            MetricCoverage::evaluate(desc, sites, evidence.exempted.get(&index).copied(), &collectors)
        });
        let lost = evidence.programs.iter().filter_map(|program| rules::linkage_lost(&evidence.contract, program));
        Self {
            contract: contract.name(),
            version: contract.version(),
            fingerprint: contract.fingerprint().to_owned(),
            metrics: metrics.collect(),
            findings: lost.chain(rules::check(evidence)).collect(),
        }
    }

    /// The metric of this name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&MetricCoverage> {
        self.metrics.iter().find(|metric| metric.name() == name)
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

    /// For tests: asserts that every metric has reached `rung` and that no finding is an error.
    ///
    /// # Panics
    ///
    /// With the table, if that is not so.
    #[track_caller]
    pub fn assert(&self, rung: Rung) {
        let below: Vec<_> = self.below(rung).collect();
        let count = self.metrics.len();
        assert!(below.is_empty() && !self.has_errors(), "{}\n\n{self}", shortfall(rung, &below, count));
    }
}

/// Why an assertion fails: the metrics below a rung, of so many, or else the findings.
fn shortfall(rung: Rung, below: &[&MetricCoverage], count: usize) -> String {
    if count == 0 {
        return format!("no metric is {rung}, because this binary has no contract");
    }
    if below.is_empty() {
        return format!("every metric is {rung}, but the check has findings");
    }
    let names: Vec<_> = below.iter().map(|metric| metric.name()).collect();
    let message = format!("{} of {count} metrics not {rung}: {}", names.len(), names.join(", "));
    match below.iter().find(|metric| metric.rung == Rung::Linked) {
        Some(unhit) => format!(
            "{message}\n  help: drive the code that records it in this test, or excuse it with \
             `check().expect_unhit::<{}>(\"why\")`",
            unhit.name()
        ),
        None => message,
    }
}
