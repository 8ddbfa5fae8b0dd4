//! The self-check of all contracts of a process.

use std::fmt;

use crate::contract::Contract;
use crate::contract::linked::Contracts;
use crate::coverage::check::{self, SelfCheckError};
use crate::coverage::evidence::{Exemption, Expectation};
use crate::coverage::{Coverage, MetricCoverage, Rung, catalog, shortfall, table};
use crate::emit::metric::Metric;
use crate::emit::metric_ref::FamilyId;
use crate::emit::site;
use crate::report::color::Color;
use crate::report::finding::{Finding, Severity};

impl Contracts {
    /// Does what [`Contract::self_check`] does, for every contract.
    ///
    /// # Errors
    ///
    /// When a finding is an error. A binary without a contract is such a finding.
    pub fn self_check(&self) -> Result<ContractsCoverage, SelfCheckError<ContractsCoverage>> {
        self.check().self_check()
    }

    /// The rung of each metric of every contract in this process, for a test to [`assert`](ContractsCoverage::assert).
    ///
    /// ```no_run
    /// use orchq_metrics::{Rung, contracts};
    ///
    /// # // A test of this crate has no contract.
    /// #[test]
    /// fn every_metric_is_emitted() {
    ///     contracts().coverage().assert(Rung::Linked);
    /// }
    /// ```
    #[must_use]
    pub fn coverage(&self) -> ContractsCoverage {
        self.check().coverage()
    }

    /// A check with exemptions, for metrics that another binary records or that cannot be recorded here.
    pub fn check(&self) -> ContractsCheck {
        ContractsCheck { contracts: *self, exemptions: Vec::new() }
    }
}

/// A check of all contracts with exemptions, each with a reason. A stale exemption is an error.
///
/// ```no_run
/// use orchq_metrics::contracts;
/// use orchq_metrics::v1::gpu_utilization;
///
/// let check = contracts().check().expect_elsewhere::<gpu_utilization>("recorded by the worker binary");
/// println!("{}", check.self_check()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a check examines nothing until `self_check` or `coverage` is called"]
pub struct ContractsCheck {
    contracts: Contracts,
    exemptions: Vec<Exemption>,
}

impl ContractsCheck {
    /// The sites of `M` are in another binary, for this reason.
    pub fn expect_elsewhere<M: Metric>(mut self, reason: impl Into<String>) -> Self {
        self.exemptions.push(Exemption::new::<M>(Expectation::Elsewhere, reason.into()));
        self
    }

    /// A site of `M` is in this binary and cannot record in this process, for this reason.
    pub fn expect_unhit<M: Metric>(mut self, reason: impl Into<String>) -> Self {
        self.exemptions.push(Exemption::new::<M>(Expectation::Unhit, reason.into()));
        self
    }

    /// As [`Contracts::self_check`].
    ///
    /// # Errors
    ///
    /// When a finding is an error. A binary without a contract is such a finding.
    pub fn self_check(self) -> Result<ContractsCoverage, SelfCheckError<ContractsCoverage>> {
        let coverage = self.coverage();
        if coverage.has_errors() { Err(SelfCheckError { coverage }) } else { Ok(coverage) }
    }

    /// As [`Contracts::coverage`].
    #[must_use]
    pub fn coverage(self) -> ContractsCoverage {
        let sites = site::linked();
        let mut exemptions = vec![Vec::new(); self.contracts.len()];
        for exemption in self.exemptions {
            let is_of = |contract: &&Contract| contract.families().any(|own| FamilyId::new(own) == exemption.family);
            // One that no contract has is stale, which the first reports.
            let index = self.contracts.iter().position(is_of).unwrap_or_default();
            if let Some(exemptions) = exemptions.get_mut(index) {
                exemptions.push(exemption);
            }
        }
        let pairs = self.contracts.iter().zip(&exemptions);
        let evaluate = |(contract, exemptions): (&&'static Contract, &Vec<Exemption>)| {
            check::evaluate(contract, sites.as_deref(), &self.contracts, exemptions)
        };
        let contracts: Vec<_> = pairs.map(evaluate).collect();
        let findings = if contracts.is_empty() { vec![no_contract(sites.is_none())] } else { Vec::new() };
        ContractsCoverage { contracts, findings }
    }
}

fn no_contract(is_lost: bool) -> Finding {
    const BINARY: &str = "this binary";
    if is_lost {
        catalog::LINKAGE_LOST.finding(BINARY, "the linker dropped the sections that hold contracts and emission sites")
    } else {
        catalog::NO_CONTRACT.finding(BINARY, "no contract is linked into it")
    }
}

/// The rung of each metric of all contracts in this process, and the findings. `Display` has a table for each contract.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ContractsCoverage {
    /// Each contract, by name and version, with its findings.
    pub contracts: Vec<Coverage>,
    /// The findings about the binary: that it has no contract.
    pub findings: Vec<Finding>,
}

impl ContractsCoverage {
    /// The contract of this name.
    #[must_use]
    pub fn contract(&self, name: &str) -> Option<&Coverage> {
        self.contracts.iter().find(|coverage| coverage.contract == name)
    }

    /// Whether a finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
            || self.contracts.iter().any(Coverage::has_errors)
    }

    /// The metrics that have not reached `rung` and are not excused from it.
    pub fn below(&self, rung: Rung) -> impl Iterator<Item = &MetricCoverage> {
        self.contracts.iter().flat_map(move |coverage| coverage.below(rung))
    }

    /// For tests: asserts that there is a contract, that every metric has reached `rung` and that no finding is an
    /// error.
    ///
    /// # Panics
    ///
    /// With the tables, if that is not so.
    #[track_caller]
    pub fn assert(&self, rung: Rung) {
        let below: Vec<_> = self.below(rung).collect();
        let count = self.contracts.iter().map(|coverage| coverage.metrics.len()).sum();
        assert!(below.is_empty() && !self.has_errors(), "{}\n\n{self}", shortfall(rung, &below, count));
    }

    /// The tables for people, in colour or without.
    #[must_use]
    pub fn display(&self, color: Color) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            for (index, coverage) in self.contracts.iter().enumerate() {
                let gap = if index == 0 { "" } else { "\n" };
                write!(f, "{gap}{}", coverage.display(color))?;
            }
            table::write_findings(f, &self.findings, color)
        })
    }
}

impl fmt::Display for ContractsCoverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.display(Color::Never).fmt(f)
    }
}
