//! The rules for a process and for binaries, one function each.

use std::collections::{BTreeMap, HashMap};

use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::coverage::adopted;
use crate::coverage::catalog;
use crate::coverage::evidence::sites_by_metric;
use crate::coverage::evidence::{Emission, Evidence, Exemption, Expectation, Linkage, Program};
use crate::coverage::site::SiteUse;
use crate::declare::rules::struct_name;
use crate::report::finding::Finding;

const RULES: [fn(&Evidence<'_>, &mut Vec<Finding>); 10] = [
    metric_without_site,
    unknown_metric,
    extern_labels_differ,
    adopted::adopted_collector_differs,
    adopted::extern_list_differs,
    adopted::taken_on_trust,
    recorded_twice,
    contract_linked_twice,
    conflicting_contracts,
    stale_exemption,
];

/// The findings of every rule but [`linkage_lost`], which does not depend on the contract.
pub(crate) fn check(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    RULES.iter().for_each(|rule| rule(evidence, &mut findings));
    findings
}

/// The sites are gone, so that their absence means nothing.
pub(crate) fn linkage_lost(contract: &OwnedContract, program: &Program<'_>) -> Option<Finding> {
    let (subject, message) = match program.name {
        None => (
            contract.name.as_str(),
            "the linker dropped the section that holds the emission sites, so nothing is known about them",
        ),
        Some(name) => (
            name,
            "the record of orchq-metrics itself is not in it: the linker dropped records, so that those of other sites \
             may be missing too",
        ),
    };
    (program.linkage == Linkage::Lost).then(|| catalog::LINKAGE_LOST.finding(subject, message))
}

/// A metric that no function outside test code emits, and that is not expected elsewhere.
fn metric_without_site(evidence: &Evidence<'_>, findings: &mut Vec<Finding>) {
    let programs = &evidence.programs;
    if programs.is_empty() || programs.iter().any(|program| program.linkage != Linkage::Complete) {
        return;
    }
    let names: Vec<_> = programs.iter().filter_map(|program| program.name).collect();
    let names = if names.is_empty() { "this binary".to_owned() } else { names.join(" or ") };
    let sites = sites_by_metric(&evidence.contract, evidence.emissions());
    for (index, (metric, sites)) in evidence.contract.metrics.iter().zip(sites).enumerate() {
        let is_elsewhere = evidence.exempted.get(&index).is_some_and(|exemption| exemption.is_elsewhere());
        if is_elsewhere || sites.iter().any(|site| !site.test) {
            continue;
        }
        let message = match sites.first() {
            None => format!("no function in {names} emits it"),
            Some(site) => format!("only test code emits it: {}", site.in_binary()),
        };
        let adopted = evidence.collectors(index).next().is_some();
        let message = if adopted {
            message + "; a collector is adopted for it, and no annotated function records with it"
        } else {
            message
        };
        let help = help_for_a_site(metric, adopted, programs);
        findings.push(catalog::METRIC_WITHOUT_SITE.finding(&metric.name, message).help(help));
    }
}

fn help_for_a_site(metric: &OwnedMetric, adopted: bool, programs: &[Program<'_>]) -> String {
    let name = struct_name(&metric.name);
    let entry = if adopted { adopted::extern_entry(metric) } else { name.clone() };
    let annotate = format!("annotate the function that records it with `#[emits({entry})]`");
    let link = "if a crate that nothing else uses holds that function, link it with `use the_crate as _;`";
    if programs.iter().any(|program| program.name.is_some()) {
        format!("{annotate}, or name the binary that does; {link}")
    } else {
        format!("{annotate}; {link}; if another binary does, say so with `expect_elsewhere::<{name}>(\"why\")`")
    }
}

/// A site compiled against another version of the contract, test code included.
fn unknown_metric(evidence: &Evidence<'_>, findings: &mut Vec<Finding>) {
    let OwnedContract { name, version, .. } = &*evidence.contract;
    let finding = |Emission { metric, built_against, site, .. }: &Emission| {
        let built = built_against.as_ref().map(|version| format!(", built against {name} {version}"));
        let message = format!(
            "{} emits it{}, and {name} {version} has no such metric{}",
            site.in_binary(),
            built.unwrap_or_default(),
            (evidence.suggest)(&evidence.contract, metric)
        );
        catalog::UNKNOWN_METRIC.finding(metric, message)
    };
    findings.extend(evidence.emissions().filter(|emission| emission.named.is_none()).map(finding));
}

/// An `extern` list that is not the metric's label set. The compiler has compared the
/// two already, with the contract that the site was built against; this compares with
/// the one that is checked.
fn extern_labels_differ(evidence: &Evidence<'_>, findings: &mut Vec<Finding>) {
    for emission in evidence.emissions() {
        let Some(listed) = &emission.extern_labels else { continue };
        let Some(metric) = emission.named.and_then(|index| evidence.contract.metrics.get(index)) else { continue };
        let wrong = adopted::label_differences(metric, listed.iter());
        if !wrong.is_empty() {
            let message = format!("the `extern` list at {} {}", emission.site.in_binary(), wrong.join(" and "));
            let help = format!("record and list exactly {}", adopted::required_labels(metric));
            findings.push(catalog::EXTERN_LABELS_DIFFER.finding(&metric.name, message).help(help));
        }
    }
}

/// A metric that one program records in two ways. A warning, because a migration passes through it.
fn recorded_twice(evidence: &Evidence<'_>, findings: &mut Vec<Finding>) {
    for program in &evidence.programs {
        let sites = sites_by_metric(&evidence.contract, program.emissions.iter());
        for (index, (metric, sites)) in evidence.contract.metrics.iter().zip(sites).enumerate() {
            let find = |theirs| sites.iter().find(|site| !site.test && site.by_another_library == theirs);
            let adopted = || evidence.collectors(index).next().map(adopted::place);
            let theirs = find(true).map(|site| format!("at {site}"));
            let theirs = theirs.or_else(|| Some(format!("with the collector {}", adopted()?)));
            if let (Some(ours), Some(theirs)) = (find(false), theirs) {
                let place = program.name.map(|name| format!(" in {name}")).unwrap_or_default();
                let message = format!("{ours} records it{place}, and so does another library {theirs}");
                findings.push(catalog::RECORDED_TWICE.finding(&metric.name, message));
            }
        }
    }
}

/// Several contracts of one name, such as two versions of the crate that declares it, or a
/// module that is compiled into a library and a binary.
fn contract_linked_twice(evidence: &Evidence<'_>, findings: &mut Vec<Finding>) {
    let name = &evidence.contract.name;
    for program in &evidence.programs {
        let twins = program.contracts.iter().filter(|held| held.contract.name == *name);
        let versions: Vec<_> = twins.map(|held| held.contract.version.clone() + &held.at(0)).collect();
        if versions.len() > 1 {
            let (count, holder) = (versions.len(), program.name.unwrap_or("this binary"));
            let message = format!("{holder} holds it {count} times: version {}", versions.join(", version "));
            findings.push(catalog::CONTRACT_LINKED_TWICE.finding(name, message));
        }
    }
}

/// Another contract in the program declares one of the names differently, but a name can only be one family. If both
/// declare the same, they share the family.
fn conflicting_contracts(evidence: &Evidence<'_>, findings: &mut Vec<Finding>) {
    let contract = &*evidence.contract;
    let names = names(contract).collect::<HashMap<_, _>>();
    for program in &evidence.programs {
        let own = program.contracts.iter().find(|held| held.is_checked);
        let holder = program.name.unwrap_or("the same binary");
        for held in program.contracts.iter().filter(|held| !held.is_checked) {
            let other = &*held.contract;
            let shared = self::names(other).filter_map(|(name, rival)| Some((*names.get(name)?, (name, rival))));
            // The findings are in the order of the contract that is checked, not of the other one.
            for (index, (name, rival)) in shared.collect::<BTreeMap<_, _>>() {
                let metric = &contract.metrics[index];
                if metric.promises_the_same(&other.metrics[rival]) {
                    continue;
                }
                let declared = format!("{} {} declares it", contract.name, contract.version);
                let at = own.map(|own| own.at(index)).unwrap_or_default();
                let rivals = format!("{} {}, in {holder}, declares it differently", other.name, other.version);
                let message = format!("{declared}{at}, and {rivals}{}", held.at(rival));
                findings.push(catalog::CONFLICTING_CONTRACTS.finding(name, message));
            }
        }
    }
}

/// The names that a contract serves, old ones too, with the indices of their metrics.
fn names(contract: &OwnedContract) -> impl Iterator<Item = (&str, usize)> {
    let all = contract.metrics.iter().enumerate();
    all.flat_map(|(index, metric)| metric.served_names().map(move |(name, _)| (name, index)))
}

/// An exemption without a reason, or one that is no longer true.
fn stale_exemption(evidence: &Evidence<'_>, findings: &mut Vec<Finding>) {
    let sites = sites_by_metric(&evidence.contract, evidence.emissions());
    let finding = |(exemption, index): &(&Exemption, Option<usize>)| {
        let has_samples = index.is_some_and(|index| evidence.collectors(index).any(|collector| collector.hit));
        untrue(exemption, index.and_then(|index| sites.get(index)).map(Vec::as_slice), has_samples)
    };
    findings.extend(evidence.exemptions.iter().filter_map(finding));
}

fn untrue(exemption: &Exemption, sites: Option<&[&SiteUse]>, has_samples: bool) -> Option<Finding> {
    let Exemption { metric: name, expectation, reason, .. } = exemption;
    let stale = |message| Some(catalog::STALE_EXEMPTION.finding(*name, message));
    if reason.trim().is_empty() {
        return Some(catalog::EXEMPTION_WITHOUT_REASON.finding(*name, "the exemption gives no reason"));
    }
    let Some(sites) = sites else {
        return stale(format!("exempted (\"{reason}\"), but the contract has no such metric"));
    };
    let mut counted = sites.iter().filter(|site| !site.test);
    match expectation {
        Expectation::Elsewhere => {
            let site = counted.next()?;
            stale(format!("expected elsewhere (\"{reason}\"), but this binary emits it: {site}"))
        }
        Expectation::Unhit => {
            let site = counted.find(|site| site.has_recorded(has_samples))?;
            stale(format!("expected to record nothing (\"{reason}\"), but it did: {site}"))
        }
    }
}
