//! How far each metric of a contract has come: a pure function of the
//! contract, the sites in the binary and what was said to be expected.

use std::fmt;

use crate::contract::Contract;
use crate::desc::MetricDesc;
use crate::finding::{Finding, Severity};
use crate::site::{Emits, Site};

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
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Exemption {
    /// The metric's name.
    pub metric: &'static str,
    /// What is not expected.
    pub expectation: Expectation,
    /// Why.
    pub reason: String,
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
        let sites = evidence.sites.as_deref().unwrap_or_default();
        let metrics: Vec<_> =
            contract.metrics().map(|desc| MetricCoverage::evaluate(desc, sites, exemptions)).collect();
        let mut findings = Vec::new();
        if evidence.sites.is_none() {
            findings.push(linkage_lost(contract));
        } else {
            findings.extend(metrics.iter().filter(|metric| metric.falls_short_of(Rung::Linked)).map(without_site));
        }
        findings.extend(unknown_metrics(contract, sites));
        findings.extend(extern_labels_that_differ(contract, sites));
        findings.extend(conflicting_contracts(contract, &evidence.contracts));
        findings.extend(exemptions.iter().filter_map(|exemption| untrue_exemption(exemption, &metrics)));
        Self {
            contract: contract.name(),
            version: contract.version(),
            fingerprint: contract.fingerprint(),
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
    fn evaluate(desc: &'static MetricDesc, sites: &[&Site], exemptions: &[Exemption]) -> Self {
        let uses = sites.iter().flat_map(|site| site.emissions().iter().map(move |emits| (site, emits)));
        let ours = uses.filter(|(_, emits)| emits.desc().contract == desc.contract && emits.desc().name == desc.name);
        let sites: Vec<_> = ours.map(|(site, emits)| SiteUse::new(site, emits)).collect();
        let counted = || sites.iter().filter(|site| !site.test);
        let rung = match (counted().next(), counted().any(|site| site.hit)) {
            (None, _) => Rung::Declared,
            (Some(_), false) => Rung::Linked,
            (Some(_), true) => Rung::Hit,
        };
        let exemption = exemptions.iter().find(|exemption| exemption.metric == desc.name).cloned();
        Self { desc, rung, sites, exemption }
    }
}

fn linkage_lost(contract: &Contract) -> Finding {
    Finding::error(
        "linkage-lost",
        contract.name(),
        "the linker dropped the section that holds the emission sites, so nothing is known about them",
        "link with rust-lld or GNU ld, or pass `-C link-arg=-Wl,-z,nostart-stop-gc` to lld and mold",
    )
}

fn without_site(metric: &MetricCoverage) -> Finding {
    let name = metric.name();
    let message = match metric.sites.as_slice() {
        [] => "no function in this binary emits it".to_owned(),
        [site, ..] => format!("only test code emits it: {site}"),
    };
    let help = format!(
        "annotate the function that records it with `#[emits({name})]`; if a crate that nothing else uses \
         holds that function, link it with `use the_crate as _;`; if another binary does, say so with \
         `expect_elsewhere::<{name}>(\"why\")`"
    );
    Finding::error("metric-without-site", name, message, help)
}

/// Sites compiled against another version of this contract.
fn unknown_metrics(contract: &Contract, sites: &[&Site]) -> Vec<Finding> {
    let of_contract = emissions(sites).filter(|(_, emits)| emits.desc().contract == contract.name());
    let unknown = of_contract.filter(|(_, emits)| contract.metric(emits.desc().name).is_none());
    let finding = |(site, emits): (&Site, &Emits)| {
        Finding::error(
            "unknown-metric",
            emits.desc().name,
            format!(
                "{} emits it, and {} {} has no such metric",
                SiteUse::new(site, emits),
                contract.name(),
                contract.version()
            ),
            "build the crate of that function against this version of the contract",
        )
    };
    unknown.map(finding).collect()
}

/// The compiler has compared these lists already, with the contract that the
/// site was built against; this compares them with the one that is served.
fn extern_labels_that_differ(contract: &Contract, sites: &[&Site]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (site, emits) in emissions(sites) {
        let Some(listed) = emits.extern_labels() else { continue };
        let Some(desc) = contract.metric(emits.desc().name).filter(|_| emits.desc().contract == contract.name()) else {
            continue;
        };
        let missing = desc.required_labels().filter(|label| !listed.contains(label));
        let extra = listed.iter().copied().filter(|label| !desc.labels.iter().any(|known| known.name == *label));
        let wrong: Vec<_> = missing
            .map(|label| format!("lacks `{label}`"))
            .chain(extra.map(|label| format!("has `{label}` too many")))
            .collect();
        if !wrong.is_empty() {
            let message = format!("the `extern` list at {} {}", SiteUse::new(site, emits), wrong.join(" and "));
            let help = format!("record and list exactly {}", desc.required_labels().collect::<Vec<_>>().join(", "));
            findings.push(Finding::error("extern-labels-differ", desc.name, message, help));
        }
    }
    findings
}

fn conflicting_contracts(contract: &Contract, linked: &[&Contract]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for other in linked.iter().filter(|other| !std::ptr::eq(**other, contract)) {
        for desc in contract.metrics() {
            let Some(rival) = other.metric(desc.name).filter(|rival| !desc.promises_the_same(rival)) else { continue };
            let message = format!(
                "{} {} declares it at {}:{} and {} {}, in the same binary, otherwise at {}:{}",
                contract.name(),
                contract.version(),
                desc.file,
                desc.line,
                other.name(),
                other.version(),
                rival.file,
                rival.line,
            );
            let help = "rename one of the two, or build every crate against one version of the contract";
            findings.push(Finding::error("conflicting-contracts", desc.name, message, help));
        }
    }
    findings
}

fn untrue_exemption(exemption: &Exemption, metrics: &[MetricCoverage]) -> Option<Finding> {
    let Exemption { metric: name, expectation, reason } = exemption;
    let drop_it = "drop the exemption";
    if reason.trim().is_empty() {
        let help = "say where the metric is recorded, or why it cannot be";
        return Some(Finding::error("exemption-without-reason", *name, "the exemption gives no reason", help));
    }
    let Some(metric) = metrics.iter().find(|metric| metric.name() == *name) else {
        let message = format!("exempted (\"{reason}\"), and the contract has no such metric");
        return Some(Finding::error("stale-exemption", *name, message, drop_it));
    };
    let counted =
        metric.sites.iter().find(|site| !site.test && (*expectation == Expectation::Elsewhere || site.hit))?;
    let message = match expectation {
        Expectation::Elsewhere => format!("expected elsewhere (\"{reason}\"), and this binary emits it: {counted}"),
        Expectation::Unhit => format!("expected to record nothing (\"{reason}\"), and it did: {counted}"),
    };
    Some(Finding::error("stale-exemption", *name, message, drop_it))
}

fn emissions<'a>(sites: &'a [&Site]) -> impl Iterator<Item = (&'a Site, &'a Emits)> {
    sites.iter().flat_map(|site| site.emissions().iter().map(move |emits| (*site, emits)))
}
