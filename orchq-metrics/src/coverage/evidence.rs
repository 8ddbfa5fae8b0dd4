//! The sites and contracts of a process, or of binaries, that a contract is checked against.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::contract::Contract;
use crate::contract::owned::OwnedContract;
use crate::coverage::site::SiteUse;
use crate::emit::metric::Metric;
use crate::emit::metric_ref::{Emits, FamilyId};
use crate::emit::site::Site;
use crate::expose::adoption::AdoptedCollector;

/// The expectation of an [`Exemption`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub(crate) enum Expectation {
    /// Its sites are in another binary.
    Elsewhere,
    /// It has a site here that cannot record in this process.
    Unhit,
}

/// An exception for one metric, and its reason.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Exemption {
    /// The metric's name.
    pub metric: &'static str,
    /// What is expected instead.
    pub(crate) expectation: Expectation,
    /// Why.
    pub reason: String,
    /// The metric itself: another contract can have one of the same name.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) family: FamilyId,
}

impl Exemption {
    pub(crate) fn new<M: Metric>(expectation: Expectation, reason: String) -> Self {
        Self { metric: M::DESC.name, expectation, reason, family: M::REF.id() }
    }

    /// Whether its sites are in another binary; otherwise, it has a site here that records nothing.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        self.expectation == Expectation::Elsewhere
    }
}

/// A contract, and what it is checked against.
pub(crate) struct Evidence<'a> {
    pub(crate) contract: Cow<'a, OwnedContract>,
    pub(crate) programs: Vec<Program<'a>>,
    /// The exemptions, each with the index of its metric if the contract has it.
    pub(crate) exemptions: Vec<(&'a Exemption, Option<usize>)>,
    /// The exemption of a metric, by its index; if there are two, the first.
    pub(crate) exempted: HashMap<usize, &'a Exemption>,
    /// The collectors that were adopted, each with the index of its metric if the contract has it; `None` if it is not
    /// known what was adopted.
    pub(crate) adopted: Option<Vec<(AdoptedCollector, Option<usize>)>>,
    /// Suggests a metric of the contract for the name of one that it does not have.
    pub(crate) suggest: fn(&OwnedContract, &str) -> String,
}

/// This process, or a binary that was read.
pub(crate) struct Program<'a> {
    /// The binary's name; `None` for this process.
    pub(crate) name: Option<&'a str>,
    pub(crate) linkage: Linkage,
    /// What its sites emit under the name of the contract, in their order.
    pub(crate) emissions: Vec<Emission>,
    /// The contracts in it that have recorded metrics.
    pub(crate) contracts: Vec<Declared<'a>>,
}

/// Whether the absence of a site means something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linkage {
    /// All sites are known.
    Complete,
    /// The linker dropped sites.
    Lost,
    /// Sites cannot be read, which is a separate finding.
    #[cfg(feature = "tools")]
    ReadError,
}

/// One metric of one site.
pub(crate) struct Emission {
    pub(crate) metric: String,
    /// The contract's metric of that name.
    pub(crate) named: Option<usize>,
    /// The contract's metric that gets the values: in a process, a second contract of the same name has its own.
    pub(crate) recorded: Option<usize>,
    /// The version of the contract that the site was built against, where the site says so.
    pub(crate) built_against: Option<String>,
    /// For `extern`, the labels that are spelled out.
    pub(crate) extern_labels: Option<Vec<String>>,
    pub(crate) site: SiteUse,
}

/// A contract that a program holds.
pub(crate) struct Declared<'a> {
    pub(crate) contract: Cow<'a, OwnedContract>,
    /// Where its metrics are declared, as `file:line`; empty for a binary.
    pub(crate) lines: Vec<String>,
    /// Whether it is the contract that is checked.
    pub(crate) is_checked: bool,
}

/// The sites of each metric, by its index in the contract.
pub(crate) fn sites_by_metric<'a>(
    contract: &OwnedContract,
    emissions: impl Iterator<Item = &'a Emission>,
) -> Vec<Vec<&'a SiteUse>> {
    let mut sites = vec![Vec::new(); contract.metrics.len()];
    for emission in emissions {
        if let Some(of_metric) = emission.recorded.and_then(|index| sites.get_mut(index)) {
            of_metric.push(&emission.site);
        }
    }
    sites
}

/// The index of each metric by its name.
pub(crate) fn indices(contract: &OwnedContract) -> HashMap<&str, usize> {
    contract.metrics.iter().enumerate().map(|(index, metric)| (metric.name.as_str(), index)).collect()
}

/// The index of each metric by its family.
fn families(contract: &Contract) -> HashMap<FamilyId, usize> {
    contract.families().enumerate().map(|(index, family)| (FamilyId::new(family), index)).collect()
}

impl<'a> Evidence<'a> {
    /// The evidence of this process. `sites` is `None` when the linker dropped them.
    pub(crate) fn of_process(
        contract: &'a Contract,
        sites: Option<&[&'static Site]>,
        contracts: &[&'static Contract],
        exemptions: &'a [Exemption],
    ) -> Self {
        let owned = OwnedContract::from(contract);
        // There can be very many sites: nothing here or in the rules goes over all of them for each metric.
        let families = families(contract);
        let names = indices(&owned);
        let emission = |site: &Site, emits: &Emits| Emission {
            metric: emits.metric.desc.name.to_owned(),
            named: names.get(emits.metric.desc.name).copied(),
            recorded: families.get(&emits.metric.id()).copied(),
            built_against: None,
            extern_labels: emits
                .extern_labels
                .as_ref()
                .map(|labels| labels.iter().map(|label| (*label).to_owned()).collect()),
            site: SiteUse::in_process(site, emits),
        };
        let emissions =
            sites.unwrap_or_default().iter().flat_map(|site| site.emissions().map(move |emits| (site, emits)));
        let own = emissions.filter(|(_, emits)| emits.metric.desc.contract == contract.name());
        let others = contracts.iter().filter(|other| !std::ptr::eq(**other, contract));
        let mut declared = vec![Declared::in_process(contract, true)];
        declared.extend(others.map(|other| Declared::in_process(other, false)));
        let program = Program {
            name: None,
            linkage: if sites.is_some() { Linkage::Complete } else { Linkage::Lost },
            emissions: own.map(|(site, emits)| emission(site, emits)).collect(),
            contracts: declared,
        };
        let exemptions: Vec<_> = exemptions.iter().map(|given| (given, families.get(&given.family).copied())).collect();
        let exempted = exemptions.iter().rev().filter_map(|(given, index)| Some(((*index)?, *given))).collect();
        let suggest = |_: &OwnedContract, _: &str| String::new();
        Self { contract: Cow::Owned(owned), programs: vec![program], exemptions, exempted, adopted: None, suggest }
    }

    /// The same, with the collectors that were adopted for this contract.
    pub(crate) fn with_adopted(mut self, contract: &Contract, adopted: Option<Vec<AdoptedCollector>>) -> Self {
        let families = families(contract);
        let indexed = |collector: AdoptedCollector| {
            let index = families.get(&collector.family).copied();
            (collector, index)
        };
        self.adopted = adopted.map(|adopted| adopted.into_iter().map(indexed).collect());
        self
    }

    /// The collectors that were adopted for a metric, by its index.
    pub(crate) fn collectors(&self, metric: usize) -> impl Iterator<Item = &AdoptedCollector> {
        let adopted = self.adopted.iter().flatten();
        adopted.filter(move |(_, index)| *index == Some(metric)).map(|(collector, _)| collector)
    }

    /// The emissions of all programs.
    pub(crate) fn emissions(&self) -> impl Iterator<Item = &Emission> {
        self.programs.iter().flat_map(|program| &program.emissions)
    }
}

impl Declared<'_> {
    fn in_process(contract: &Contract, is_checked: bool) -> Self {
        Self {
            contract: Cow::Owned(OwnedContract::from(contract)),
            lines: contract.metrics().map(|desc| format!("{}:{}", desc.file, desc.line)).collect(),
            is_checked,
        }
    }

    /// ` at file:line` of a metric, where that is known.
    pub(crate) fn at(&self, index: usize) -> String {
        self.lines.get(index).map(|line| format!(" at {line}")).unwrap_or_default()
    }
}
