//! What is looked for: one rule, one function, in the order of the lists.

use crate::contract::owned::{OwnedContract, OwnedLabel, OwnedMetric};
use crate::coverage::catalog as coverage;
use crate::report::finding::Finding;
use crate::report::nearest::did_you_mean;
use crate::tools::binary::{RecordedEmission, RecordedSite};
use crate::tools::sites::{Binary, RecordedUse, catalog};

type OfBinaries = fn(&[Binary]) -> Vec<Finding>;
type OfContract = fn(&OwnedContract, &[Binary]) -> Vec<Finding>;

const OF_BINARIES: [OfBinaries; 4] = [no_records, linkage_lost, damaged_record, binaries_disagree];

const OF_CONTRACT: [OfContract; 7] = [
    metric_without_site,
    unknown_metric,
    site_differs,
    extern_labels_differ,
    recorded_twice,
    contract_linked_twice,
    contract_differs,
];

/// What is wrong with the binaries, whatever the contract.
pub(super) fn of_binaries(binaries: &[Binary]) -> Vec<Finding> {
    OF_BINARIES.iter().flat_map(|rule| rule(binaries)).collect()
}

/// What is wrong by one contract.
pub(super) fn of_contract(contract: &OwnedContract, binaries: &[Binary]) -> Vec<Finding> {
    OF_CONTRACT.iter().flat_map(|rule| rule(contract, binaries)).collect()
}

/// A binary that was not built with this crate.
fn no_records(binaries: &[Binary]) -> Vec<Finding> {
    let without = binaries.iter().filter(|binary| !binary.records.has_section());
    let message = "it has no section of records: it was not built with orchq-metrics";
    without.map(|binary| catalog::NO_RECORDS.finding(&binary.name, message)).collect()
}

/// A binary with the section, and without the record that this crate itself leaves there.
fn linkage_lost(binaries: &[Binary]) -> Vec<Finding> {
    let lost = binaries.iter().filter(|binary| {
        binary.records.has_section() && binary.records.damaged() == 0 && !binary.records.is_complete()
    });
    let message = "the record of orchq-metrics itself is not in it: the linker dropped records, so that those of other \
                   sites may be missing too";
    lost.map(|binary| coverage::LINKAGE_LOST.finding(&binary.name, message)).collect()
}

/// A record that begins and does not end.
fn damaged_record(binaries: &[Binary]) -> Vec<Finding> {
    let damaged = binaries.iter().filter(|binary| binary.records.damaged() > 0);
    let finding = |binary: &Binary| {
        let message = format!("{} of its records cannot be read", binary.records.damaged());
        catalog::DAMAGED_RECORD.finding(&binary.name, message)
    };
    damaged.map(finding).collect()
}

/// Contracts of one name in two binaries, each against the first that has it.
fn binaries_disagree(binaries: &[Binary]) -> Vec<Finding> {
    let mut first: Vec<(&Binary, &OwnedContract)> = Vec::new();
    let mut findings = Vec::new();
    for binary in binaries {
        for contract in binary.records.own_contracts() {
            let Some((other, known)) = first.iter().find(|(_, known)| known.name == contract.name) else {
                first.push((binary, contract));
                continue;
            };
            if let Some(difference) = difference(known, contract) {
                let message = format!(
                    "{} holds version {}, and {} holds version {}, in which {difference}",
                    other.name, known.version, binary.name, contract.version
                );
                findings.push(catalog::BINARIES_DISAGREE.finding(&contract.name, message));
            }
        }
    }
    findings
}

/// A metric that no function outside test code emits in any of the binaries.
fn metric_without_site(contract: &OwnedContract, binaries: &[Binary]) -> Vec<Finding> {
    // Of what cannot be read nothing is known, and it has a finding of its own.
    if !binaries.iter().all(|binary| binary.records.is_complete())
        || !binaries.iter().any(|binary| binary.records.has_section())
    {
        return Vec::new();
    }
    let names: Vec<_> = binaries.iter().map(|binary| binary.name.as_str()).collect();
    let finding = |metric: &OwnedMetric| {
        let uses = binaries.iter().flat_map(|binary| binary.emissions_of(contract).map(move |emits| (binary, emits)));
        let mut uses = uses.filter(|(_, (_, emits))| emits.metric == metric.name).peekable();
        let message = match uses.peek() {
            None => format!("no function in {} emits it", names.join(" or ")),
            Some((binary, (site, emits))) => {
                format!("only test code emits it: {} in {}", RecordedUse::new(binary, site, emits), binary.name)
            }
        };
        if uses.any(|(_, (site, _))| !site.is_test()) {
            return None;
        }
        let help = format!(
            "annotate the function that records it with `#[emits({0})]`, or name the binary that does; if a crate that \
             nothing else uses holds that function, link it with `use the_crate as _;`",
            metric.name
        );
        Some(coverage::METRIC_WITHOUT_SITE.finding(&metric.name, message).help(help))
    };
    contract.metrics.iter().filter_map(finding).collect()
}

/// What a rule looks at: an emission, where it is, and the contract's metric of that name.
struct Emitted<'a> {
    place: String,
    emits: &'a RecordedEmission,
    metric: Option<&'a OwnedMetric>,
}

/// The emissions of the contract, those in test code included: it must compile too.
fn emitted<'a>(contract: &'a OwnedContract, binaries: &'a [Binary]) -> impl Iterator<Item = Emitted<'a>> {
    let all = binaries.iter().flat_map(move |binary| binary.emissions_of(contract).map(move |emits| (binary, emits)));
    all.map(move |(binary, (site, emits)): (_, (&RecordedSite, _))| Emitted {
        place: format!("{} in {}", RecordedUse::new(binary, site, emits), binary.name),
        emits,
        metric: contract.metric(&emits.metric),
    })
}

/// A site of a metric that the contract does not have.
fn unknown_metric(contract: &OwnedContract, binaries: &[Binary]) -> Vec<Finding> {
    let unknown = emitted(contract, binaries).filter(|emitted| emitted.metric.is_none());
    let finding = |Emitted { place, emits, .. }: Emitted<'_>| {
        let names = contract.metrics.iter().map(|metric| metric.name.as_str());
        let message = format!(
            "{place} emits it, built against {} {}, and {} {} has no such metric{}",
            emits.contract,
            emits.contract_version,
            contract.name,
            contract.version,
            did_you_mean(&emits.metric, names)
        );
        coverage::UNKNOWN_METRIC.finding(&emits.metric, message)
    };
    unknown.map(finding).collect()
}

/// A site that was compiled against another kind, or with other labels.
fn site_differs(contract: &OwnedContract, binaries: &[Binary]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Emitted { place, emits, metric } in emitted(contract, binaries) {
        let Some(metric) = metric else { continue };
        let mut wrong = Vec::new();
        if emits.kind != metric.kind {
            wrong.push(format!("as a {}, where it is a {}", emits.kind, metric.kind));
        }
        for label in &metric.labels {
            match emits.labels.iter().find(|known| known.name == label.name) {
                None => wrong.push(format!("without `{}`", label.name)),
                Some(known) if known.conditional != label.conditional => {
                    wrong.push(format!(
                        "with `{}` {}",
                        label.name,
                        if known.conditional { "conditional" } else { "required" }
                    ));
                }
                Some(_) => {}
            }
        }
        let extra = emits.labels.iter().filter(|label| metric.label(&label.name).is_none());
        wrong.extend(extra.map(|label| {
            let names = metric.labels.iter().map(|label| label.name.as_str());
            format!("with `{}`, which it does not have{}", label.name, did_you_mean(&label.name, names))
        }));
        if !wrong.is_empty() {
            let message = format!(
                "{place} emits it, built against {} {}, {}",
                emits.contract,
                emits.contract_version,
                wrong.join(", ")
            );
            findings.push(catalog::SITE_DIFFERS.finding(&metric.name, message));
        }
    }
    findings
}

/// An `extern` list that is not the metric's label set.
fn extern_labels_differ(contract: &OwnedContract, binaries: &[Binary]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Emitted { place, emits, metric } in emitted(contract, binaries) {
        let (Some(listed), Some(metric)) = (&emits.extern_labels, metric) else { continue };
        let required = || metric.labels.iter().filter(|label| !label.conditional).map(|label| &label.name);
        let missing = required().filter(|label| !listed.contains(label)).map(|label| format!("lacks `{label}`"));
        let extra = listed.iter().filter(|label| metric.label(label).is_none());
        let wrong: Vec<_> = missing.chain(extra.map(|label| format!("has `{label}` too many"))).collect();
        if !wrong.is_empty() {
            let message = format!("the `extern` list at {place} {}", wrong.join(" and "));
            let required: Vec<_> = required().map(String::as_str).collect();
            let help = format!("record and list exactly {}", required.join(", "));
            findings.push(coverage::EXTERN_LABELS_DIFFER.finding(&metric.name, message).help(help));
        }
    }
    findings
}

/// A metric that one binary records, and another library within it too.
fn recorded_twice(contract: &OwnedContract, binaries: &[Binary]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for binary in binaries {
        for metric in &contract.metrics {
            let counted = || {
                let emissions = binary.emissions_of(contract).filter(|(site, _)| !site.is_test());
                emissions.filter(|(_, emits)| emits.metric == metric.name)
            };
            let ours = counted().find(|(_, emits)| emits.extern_labels.is_none());
            let theirs = counted().find(|(_, emits)| emits.extern_labels.is_some());
            if let (Some((site, emits)), Some((other_site, other))) = (ours, theirs) {
                let ours = RecordedUse::new(binary, site, emits);
                let theirs = RecordedUse::new(binary, other_site, other);
                let message = format!("{ours} records it in {}, and so does another library at {theirs}", binary.name);
                findings.push(coverage::RECORDED_TWICE.finding(&metric.name, message));
            }
        }
    }
    findings
}

/// Two contracts of this name in one binary.
fn contract_linked_twice(contract: &OwnedContract, binaries: &[Binary]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for binary in binaries {
        let of_this_name = binary.records.contracts().iter().filter(|held| held.name == contract.name);
        let versions: Vec<_> = of_this_name.map(|held| held.version.as_str()).collect();
        if versions.len() > 1 {
            let message = format!("{} holds it {} times: version {}", binary.name, versions.len(), versions.join(", "));
            findings.push(coverage::CONTRACT_LINKED_TWICE.finding(&contract.name, message));
        }
    }
    findings
}

/// A contract of this name in a binary that is not this one.
fn contract_differs(contract: &OwnedContract, binaries: &[Binary]) -> Vec<Finding> {
    let held = binaries.iter().flat_map(|binary| binary.records.own_contracts().map(move |held| (binary, held)));
    let finding = |(binary, held): (&Binary, &OwnedContract)| {
        let versions = format!("{} holds version {}, checked against {}", binary.name, held.version, contract.version);
        match difference(contract, held) {
            Some(difference) => {
                let message = format!("{versions}: in the binary {difference}");
                Some(catalog::CONTRACT_DIFFERS.finding(&contract.name, message))
            }
            None if held.version != contract.version => {
                Some(catalog::CONTRACT_VERSION_DIFFERS.finding(&contract.name, versions))
            }
            None => None,
        }
    };
    held.filter(|(_, held)| held.name == contract.name).filter_map(finding).collect()
}

/// What another contract promises otherwise, in words; the whole of it is for `diff`.
fn difference(contract: &OwnedContract, other: &OwnedContract) -> Option<String> {
    let mut differences = Vec::new();
    for metric in &contract.metrics {
        match other.metric(&metric.name) {
            None => differences.push(format!("`{}` is missing", metric.name)),
            Some(rival) => {
                let parts = different_parts(metric, rival);
                if !parts.is_empty() {
                    differences.push(format!("`{}` has other {}", metric.name, parts.join(" and ")));
                }
            }
        }
    }
    let new = other.metrics.iter().filter(|metric| contract.metric(&metric.name).is_none());
    differences.extend(new.map(|metric| format!("`{}` is new", metric.name)));
    const SHOWN: usize = 5;
    let more = differences.len().saturating_sub(SHOWN);
    differences.truncate(SHOWN);
    let text = differences.join(", ");
    (!differences.is_empty()).then(|| if more > 0 { format!("{text}, and {more} more") } else { text })
}

/// The parts of a promise that differ: what [`MetricDesc::promises_the_same`](crate::MetricDesc::promises_the_same) compares.
fn different_parts(metric: &OwnedMetric, other: &OwnedMetric) -> Vec<String> {
    let mut parts = Vec::new();
    if metric.kind != other.kind {
        parts.push(format!("kind ({} for {})", other.kind, metric.kind));
    }
    if metric.unit != other.unit {
        parts.push(format!("unit ({} for {})", other.unit, metric.unit));
    }
    if metric.labels != other.labels {
        let is_in = |label: &OwnedLabel, labels: &[OwnedLabel]| labels.contains(label);
        let gone = metric.labels.iter().filter(|label| !is_in(label, &other.labels));
        let new = other.labels.iter().filter(|label| !is_in(label, &metric.labels));
        let mut names: Vec<_> = gone.chain(new).map(|label| format!("`{}`", label.name)).collect();
        names.dedup();
        names.sort();
        names.dedup();
        parts.push(format!("labels ({})", if names.is_empty() { "their order".to_owned() } else { names.join(", ") }));
    }
    if metric.buckets != other.buckets {
        parts.push("buckets".to_owned());
    }
    parts
}
