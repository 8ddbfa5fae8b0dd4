//! What the self-check looks for: one rule, one function, in the order of the list.

use std::collections::{BTreeMap, HashMap};

use super::{Evidence, Exemption, Expectation, MetricCoverage, Rung, SiteUse, Use, catalog};
use crate::contract::Contract;
use crate::emit::metric_ref::{FamilyId, MetricRef};
use crate::report::finding::Finding;

/// What the rules read.
pub(super) struct Checked<'a> {
    contract: &'a Contract,
    evidence: &'a Evidence,
    metrics: &'a [MetricCoverage],
    exemptions: &'a [Exemption],
    /// Where in `metrics` a name is, and a family: a rule that went over the metrics for
    /// each site would take the product of both.
    by_name: HashMap<&'static str, usize>,
    by_family: HashMap<FamilyId, usize>,
}

const RULES: [fn(&Checked<'_>) -> Vec<Finding>; 8] = [
    linkage_lost,
    metric_without_site,
    unknown_metric,
    extern_labels_differ,
    recorded_twice,
    contract_linked_twice,
    conflicting_contracts,
    stale_exemption,
];

/// Everything that is wrong.
pub(super) fn check(checked: &Checked<'_>) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| rule(checked)).collect()
}

impl<'a> Checked<'a> {
    /// The metrics are those of the contract, in its order.
    pub(super) fn new(
        contract: &'a Contract,
        evidence: &'a Evidence,
        metrics: &'a [MetricCoverage],
        exemptions: &'a [Exemption],
    ) -> Self {
        let by_name = metrics.iter().enumerate().map(|(index, metric)| (metric.name(), index)).collect();
        let families = contract.families().enumerate();
        let by_family = families.map(|(index, family)| (FamilyId::new(family), index)).collect();
        Self { contract, evidence, metrics, exemptions, by_name, by_family }
    }

    fn named(&self, name: &str) -> Option<&MetricCoverage> {
        self.by_name.get(name).map(|index| &self.metrics[*index])
    }

    fn of_family(&self, family: MetricRef) -> Option<&MetricCoverage> {
        self.by_family.get(&family.id()).map(|index| &self.metrics[*index])
    }

    /// The emissions of a contract of this name.
    fn own_emissions(&self) -> impl Iterator<Item = Use> {
        self.evidence.emissions().filter(|(_, emits)| emits.desc().contract == self.contract.name())
    }
}

/// The section of sites is gone, so that their absence means nothing.
fn linkage_lost(checked: &Checked<'_>) -> Vec<Finding> {
    if checked.evidence.sites.is_some() {
        return Vec::new();
    }
    let message = "the linker dropped the section that holds the emission sites, so nothing is known about them";
    vec![catalog::LINKAGE_LOST.finding(checked.contract.name(), message)]
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
        catalog::METRIC_WITHOUT_SITE.finding(name, message).help(help)
    };
    without.map(finding).collect()
}

/// A site compiled against another version of this contract.
fn unknown_metric(checked: &Checked<'_>) -> Vec<Finding> {
    let contract = checked.contract;
    let unknown = checked.own_emissions().filter(|(_, emits)| checked.named(emits.desc().name).is_none());
    let finding = |(site, emits): Use| {
        let site = SiteUse::new(site, emits);
        let message = format!("{site} emits it, and {} {} has no such metric", contract.name(), contract.version());
        catalog::UNKNOWN_METRIC.finding(emits.desc().name, message)
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
        let Some(desc) = checked.named(emits.desc().name).map(MetricCoverage::desc) else { continue };
        let missing = desc.required_labels().filter(|label| !listed.contains(label));
        let extra = listed.iter().filter(|label| desc.labels.iter().all(|known| known.name != **label));
        let wrong: Vec<_> = missing
            .map(|label| format!("lacks `{label}`"))
            .chain(extra.map(|label| format!("has `{label}` too many")))
            .collect();
        if !wrong.is_empty() {
            let message = format!("the `extern` list at {} {}", SiteUse::new(site, emits), wrong.join(" and "));
            let help = format!("record and list exactly {}", desc.required_labels().collect::<Vec<_>>().join(", "));
            findings.push(catalog::EXTERN_LABELS_DIFFER.finding(desc.name, message).help(help));
        }
    }
    findings
}

/// A metric that is recorded here and by another library too: where both use one label
/// set, a scrape of both has the same series twice. A warning, for it is the way of a migration.
fn recorded_twice(checked: &Checked<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for metric in checked.metrics {
        let counted = || metric.sites.iter().filter(|site| !site.test);
        let ours = counted().find(|site| !site.by_another_library);
        let theirs = counted().find(|site| site.by_another_library);
        if let (Some(ours), Some(theirs)) = (ours, theirs) {
            let message = format!("{ours} records it, and so does another library at {theirs}");
            findings.push(catalog::RECORDED_TWICE.finding(metric.name(), message));
        }
    }
    findings
}

/// Two contracts of one name, such as two versions of the crate that declares it, or a
/// module that is compiled into a library and a binary. What is recorded into one is
/// not served by the other.
fn contract_linked_twice(checked: &Checked<'_>) -> Vec<Finding> {
    let contract = checked.contract;
    let twins = others(checked).filter(|other| other.name() == contract.name());
    let finding = |twin: &Contract| {
        let place = |contract: &Contract| match contract.metrics().next() {
            Some(desc) => format!("{} at {}:{}", contract.version(), desc.file, desc.line),
            None => contract.version().to_owned(),
        };
        let message = format!("this binary holds it twice: version {}, and version {}", place(contract), place(twin));
        catalog::CONTRACT_LINKED_TWICE.finding(contract.name(), message)
    };
    twins.map(finding).collect()
}

/// Another contract in this binary declares one of the names, which can be one family only.
fn conflicting_contracts(checked: &Checked<'_>) -> Vec<Finding> {
    let contract = checked.contract;
    let mut findings = Vec::new();
    for other in others(checked) {
        let shared = other.metrics().filter_map(|rival| Some((*checked.by_name.get(rival.name)?, rival)));
        // The findings are in this contract's order, whatever the other's.
        let shared: BTreeMap<_, _> = shared.collect();
        for (index, rival) in shared {
            let desc = checked.metrics[index].desc;
            let same = desc.promises_the_same(rival);
            // A twin has every name; that it is there is said once.
            if same && other.name() == contract.name() {
                continue;
            }
            let message = format!(
                "{} {} declares it at {}:{}, and {} {}, in the same binary, declares it {} at {}:{}",
                contract.name(),
                contract.version(),
                desc.file,
                desc.line,
                other.name(),
                other.version(),
                if same { "too" } else { "otherwise" },
                rival.file,
                rival.line,
            );
            findings.push(catalog::CONFLICTING_CONTRACTS.finding(desc.name, message));
        }
    }
    findings
}

/// The other contracts in the binary.
fn others<'a>(checked: &'a Checked<'_>) -> impl Iterator<Item = &'a Contract> {
    let contracts = checked.evidence.contracts.iter().copied();
    contracts.filter(|other| !std::ptr::eq(*other, checked.contract))
}

/// An exemption without a reason, or of which the opposite has become true.
fn stale_exemption(checked: &Checked<'_>) -> Vec<Finding> {
    checked.exemptions.iter().filter_map(|exemption| untrue(exemption, checked)).collect()
}

fn untrue(exemption: &Exemption, checked: &Checked<'_>) -> Option<Finding> {
    let Exemption { metric: name, expectation, reason, family } = exemption;
    let stale = |message| Some(catalog::STALE_EXEMPTION.finding(*name, message));
    if reason.trim().is_empty() {
        return Some(catalog::EXEMPTION_WITHOUT_REASON.finding(*name, "the exemption gives no reason"));
    }
    let Some(metric) = checked.of_family(*family) else {
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
