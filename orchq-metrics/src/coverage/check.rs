//! The self-check of a process.

#[cfg(test)]
mod many_tests;

use std::collections::HashSet;
use std::fmt;

use crate::contract::{Contract, ORCHQ_METRICS_CONTRACTS};
use crate::coverage::Coverage;
use crate::coverage::evidence::{Evidence, Exemption, Expectation};
use crate::emit::metric::Metric;
use crate::emit::metric_ref::FamilyId;
use crate::emit::site::{self, Site};

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
/// // Nothing records the other metrics here, and no exemption covers them.
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
        self.exemptions.push(Exemption { metric: M::DESC.name, expectation, reason, family: M::REF.id() });
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
        let sites = site::linked();
        let contracts = in_use(&ORCHQ_METRICS_CONTRACTS, sites.as_deref().unwrap_or_default());
        let evidence = Evidence::of_process(self.contract, sites.as_deref(), &contracts, &self.exemptions);
        Coverage::evaluate(self.contract, &evidence)
    }
}

/// The contracts that this binary uses. OrchQueue's is linked with this crate, and counts only if something records it.
fn in_use(contracts: &[&'static Contract], sites: &[&Site]) -> Vec<&'static Contract> {
    let emissions = sites.iter().flat_map(|site| site.emissions());
    let recorded: HashSet<_> = emissions.map(|emits| emits.metric.id()).collect();
    let is_recorded = |contract: &Contract| contract.families().any(|own| recorded.contains(&FamilyId::new(own)));
    let counts = |contract: &&&Contract| !contract.comes_with_this_crate() || is_recorded(contract);
    contracts.iter().filter(counts).copied().collect()
}

/// A self-check that found an error.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct SelfCheckError {
    /// What was found.
    pub coverage: Coverage,
}

impl fmt::Display for SelfCheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this binary violates its metrics contract\n\n{}", self.coverage)
    }
}

/// The same as `Display`: it is what a `main` that returns an error prints.
impl fmt::Debug for SelfCheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for SelfCheckError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1;

    #[test]
    fn a_contract_that_comes_with_this_crate_counts_where_it_is_recorded() {
        assert!(in_use(&[&v1::CONTRACT], &[]).is_empty());
        let family = v1::CONTRACT.family_pointers().next().expect("it has metrics");
        let site = site::made_by_hand("admit", family);
        assert_eq!(in_use(&[&v1::CONTRACT], &[site]).len(), 1);
    }
}
