//! What the self-check looks for: one rule, one function, in the order of the list.

use super::{Evidence, Exemption, Expectation, MetricCoverage, Rung, SiteUse};
use crate::contract::Contract;
use crate::finding::Finding;
use crate::site::{Emits, Site};

/// What the rules read.
pub(super) struct Checked<'a> {
    pub(super) contract: &'a Contract,
    pub(super) evidence: &'a Evidence,
    pub(super) metrics: &'a [MetricCoverage],
    pub(super) exemptions: &'a [Exemption],
}

const RULES: [fn(&Checked<'_>) -> Vec<Finding>; 6] =
    [linkage_lost, metric_without_site, unknown_metric, extern_labels_differ, conflicting_contracts, stale_exemption];

/// Everything that is wrong.
pub(super) fn check(checked: &Checked<'_>) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule(checked)).collect()
}

impl Checked<'_> {
    /// Every emission in the binary, of whatever contract.
    fn emissions(&self) -> impl Iterator<Item = (&Site, &Emits)> {
        let sites = self.evidence.sites.iter().flatten();
        sites.flat_map(|site| site.emissions().iter().map(move |emits| (*site, emits)))
    }

    /// Those of the contract.
    fn own_emissions(&self) -> impl Iterator<Item = (&Site, &Emits)> {
        self.emissions().filter(|(_, emits)| emits.desc().contract == self.contract.name())
    }
}

/// The section of sites is gone, so that their absence means nothing.
fn linkage_lost(checked: &Checked<'_>) -> Vec<Finding> {
    if checked.evidence.sites.is_some() {
        return Vec::new();
    }
    vec![Finding::error(
        "linkage-lost",
        checked.contract.name(),
        "the linker dropped the section that holds the emission sites, so nothing is known about them",
        "link with rust-lld or GNU ld, or pass `-C link-arg=-Wl,-z,nostart-stop-gc` to lld and mold",
    )]
}

/// A metric that no function outside test code emits, and that is not expected elsewhere.
fn metric_without_site(checked: &Checked<'_>) -> Vec<Finding> {
    if checked.evidence.sites.is_none() {
        return Vec::new();
    }
    let without = checked.metrics.iter().filter(|metric| metric.falls_short_of(Rung::Linked));
    let finding = |metric: &MetricCoverage| {
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
    };
    without.map(finding).collect()
}

/// A site compiled against another version of this contract.
fn unknown_metric(checked: &Checked<'_>) -> Vec<Finding> {
    let contract = checked.contract;
    let unknown = checked.own_emissions().filter(|(_, emits)| contract.metric(emits.desc().name).is_none());
    let finding = |(site, emits): (&Site, &Emits)| {
        let site = SiteUse::new(site, emits);
        let message = format!("{site} emits it, and {} {} has no such metric", contract.name(), contract.version());
        let help = "build the crate of that function against this version of the contract";
        Finding::error("unknown-metric", emits.desc().name, message, help)
    };
    unknown.map(finding).collect()
}

/// An `extern` list that is not the metric's label set. The compiler has compared the
/// two already, with the contract that the site was built against; this compares with
/// the one that is served.
fn extern_labels_differ(checked: &Checked<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (site, emits) in checked.own_emissions() {
        let Some(listed) = emits.extern_labels() else { continue };
        let Some(desc) = checked.contract.metric(emits.desc().name) else { continue };
        let missing = desc.required_labels().filter(|label| !listed.contains(label));
        let extra = listed.iter().filter(|label| desc.labels.iter().all(|known| known.name != **label));
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

/// Another contract in this binary promises something else under one of the names.
fn conflicting_contracts(checked: &Checked<'_>) -> Vec<Finding> {
    let contract = checked.contract;
    let mut findings = Vec::new();
    for other in checked.evidence.contracts.iter().filter(|other| !std::ptr::eq(**other, contract)) {
        for desc in contract.metrics() {
            let Some(rival) = other.metric(desc.name).filter(|rival| !desc.promises_the_same(rival)) else { continue };
            let message = format!(
                "{} {} declares it at {}:{}, and {} {}, in the same binary, declares it otherwise at {}:{}",
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

/// An exemption without a reason, or of which the opposite has become true.
fn stale_exemption(checked: &Checked<'_>) -> Vec<Finding> {
    checked.exemptions.iter().filter_map(|exemption| untrue(exemption, checked.metrics)).collect()
}

fn untrue(exemption: &Exemption, metrics: &[MetricCoverage]) -> Option<Finding> {
    let Exemption { metric: name, expectation, reason } = exemption;
    let stale = |message| Some(Finding::error("stale-exemption", *name, message, "drop the exemption"));
    if reason.trim().is_empty() {
        let help = "say where the metric is recorded, or why it cannot be";
        return Some(Finding::error("exemption-without-reason", *name, "the exemption gives no reason", help));
    }
    let Some(metric) = metrics.iter().find(|metric| metric.name() == *name) else {
        return stale(format!("exempted (\"{reason}\"), and the contract has no such metric"));
    };
    let mut counted = metric.sites.iter().filter(|site| !site.test);
    match expectation {
        Expectation::Elsewhere => {
            let site = counted.next()?;
            stale(format!("expected elsewhere (\"{reason}\"), and this binary emits it: {site}"))
        }
        Expectation::Unhit => {
            let site = counted.find(|site| site.hit)?;
            stale(format!("expected to record nothing (\"{reason}\"), and it did: {site}"))
        }
    }
}
