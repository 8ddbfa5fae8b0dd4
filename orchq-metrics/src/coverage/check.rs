//! The self-check of a process.

#[cfg(test)]
mod many_tests;

use std::fmt;

use crate::contract::Contract;
use crate::contract::linked::contracts;
use crate::coverage::Coverage;
use crate::coverage::evidence::{Evidence, Exemption, Expectation};
use crate::emit::metric::Metric;
use crate::emit::site::{self, Site};
use crate::expose::adoption;

impl Contract {
    /// Checks, at startup, that every metric has an annotated emission site in this
    /// binary and that nothing contradicts the contract.
    ///
    /// # Errors
    ///
    /// When a finding is an error. The error's `Display` and `Debug` are the table with
    /// the findings, so that `fn main() -> Result<(), Box<dyn Error>>` shows them.
    ///
    /// ```
    /// // A doc test has no emission site, so the check fails and names the metrics.
    /// let error = orchq_metrics::v1::CONTRACT.self_check().unwrap_err();
    /// assert!(error.to_string().contains("error[metric-without-site] queue_depth"));
    /// ```
    pub fn self_check(&self) -> Result<Coverage, SelfCheckError> {
        self.check().self_check()
    }

    /// The rung of each metric in this process, for a test to [`assert`](Coverage::assert) and a program to show.
    #[must_use]
    pub fn coverage(&self) -> Coverage {
        self.check().coverage()
    }

    /// A check with exemptions, for metrics that another binary records or that cannot be recorded here.
    pub fn check(&self) -> Check<'_> {
        Check { contract: self, exemptions: Vec::new() }
    }
}

/// A check with exemptions, each with a reason. A stale exemption is an error.
///
/// ```
/// use orchq_metrics::v1::{CONTRACT, gpu_utilization, vram_used_bytes};
///
/// let coverage = CONTRACT
///     .check()
///     .expect_elsewhere::<gpu_utilization>("recorded by the worker binary")
///     .expect_elsewhere::<vram_used_bytes>("recorded by the worker binary")
///     .coverage();
/// // Nothing records the other metrics here, and no exemption matches them.
/// let missing: Vec<_> = coverage.findings.iter().map(|finding| finding.subject.as_str()).collect();
/// assert!(missing.contains(&"queue_depth") && !missing.contains(&"vram_used_bytes"));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a check examines nothing until `self_check` or `coverage` is called"]
pub struct Check<'a> {
    contract: &'a Contract,
    exemptions: Vec<Exemption>,
}

impl Check<'_> {
    /// The sites of `M` are in another binary, for this reason.
    pub fn expect_elsewhere<M: Metric>(self, reason: impl Into<String>) -> Self {
        self.exempt::<M>(Expectation::Elsewhere, reason.into())
    }

    /// A site of `M` is in this binary and cannot record in this process, for this reason.
    pub fn expect_unhit<M: Metric>(self, reason: impl Into<String>) -> Self {
        self.exempt::<M>(Expectation::Unhit, reason.into())
    }

    fn exempt<M: Metric>(mut self, expectation: Expectation, reason: String) -> Self {
        self.exemptions.push(Exemption::new::<M>(expectation, reason));
        self
    }

    /// As [`Contract::self_check`].
    ///
    /// # Errors
    ///
    /// When a finding is an error.
    pub fn self_check(self) -> Result<Coverage, SelfCheckError> {
        let coverage = self.coverage();
        if coverage.has_errors() { Err(SelfCheckError { coverage }) } else { Ok(coverage) }
    }

    /// As [`Contract::coverage`].
    #[must_use]
    pub fn coverage(self) -> Coverage {
        evaluate(self.contract, site::linked().as_deref(), &contracts(), &self.exemptions)
    }
}

/// Compares a contract with this process: its sites, its contracts, and the collectors that were adopted.
pub(crate) fn evaluate(
    contract: &Contract,
    sites: Option<&[&'static Site]>,
    contracts: &[&'static Contract],
    exemptions: &[Exemption],
) -> Coverage {
    let evidence = Evidence::of_process(contract, sites, contracts, exemptions);
    Coverage::evaluate(contract, &evidence.with_adopted(contract, adoption::adopted_for(contract)))
}

/// A self-check that found an error: of one contract, or, with [`ContractsCoverage`](crate::ContractsCoverage), of all.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct SelfCheckError<C = Coverage> {
    /// What was found.
    pub coverage: C,
}

impl<C: fmt::Display> fmt::Display for SelfCheckError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this binary violates its metrics contract\n\n{}", self.coverage)
    }
}

/// The same as `Display`: it is what a `main` that returns an error prints.
impl<C: fmt::Display> fmt::Debug for SelfCheckError<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<C: fmt::Display> std::error::Error for SelfCheckError<C> {}
