//! The rules that only binaries have, one function each. `coverage` has those that a process has too.

use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::report::finding::Finding;
use crate::report::nearest::did_you_mean;
use crate::tools::binary::{RecordedEmission, RecordedMetric};
use crate::tools::diff::{self, Change, ChangeKind};
use crate::tools::sites::binary::Binary;
use crate::tools::sites::catalog;

/// A binary that was not built with this crate, or one with damaged records.
pub(super) fn unreadable(binary: &Binary) -> Option<Finding> {
    let message = "it has no section of records: it was not built with orchq-metrics";
    match binary.records.damaged() {
        _ if !binary.records.has_section() => Some(catalog::NO_RECORDS.finding(binary.name(), message)),
        0 => None,
        damaged => {
            let message = format!("{damaged} of its records cannot be read");
            Some(catalog::DAMAGED_RECORD.finding(binary.name(), message))
        }
    }
}

/// Contracts of one name in two binaries, each against the first that has it.
pub(super) fn binaries_disagree(binaries: &[Binary]) -> Vec<Finding> {
    let mut first: Vec<(&Binary, &OwnedContract)> = Vec::new();
    let mut findings = Vec::new();
    for binary in binaries {
        for contract in binary.own_contracts() {
            let Some((other, known)) = first.iter().find(|(_, known)| known.name == contract.name) else {
                first.push((binary, contract));
                continue;
            };
            if let Some(difference) = difference(known, contract) {
                let message = format!(
                    "{} holds version {}, and {} holds version {}, which changes {difference}",
                    other.name(),
                    known.version,
                    binary.name(),
                    contract.version
                );
                findings.push(catalog::BINARIES_DISAGREE.finding(&contract.name, message));
            }
        }
    }
    findings
}

/// A site that was compiled against another kind, or with other labels; test code too, for it must compile.
pub(super) fn site_differs(contract: &OwnedContract, binaries: &[Binary]) -> Vec<Finding> {
    let emissions = binaries.iter().flat_map(|binary| binary.records.emissions());
    let finding = |RecordedEmission { metric, site, .. }: &RecordedEmission| {
        let wrong = compiled_otherwise(contract.metric(&metric.name)?, metric)?;
        let (place, name, version) = (site.in_binary(), &metric.contract, &metric.contract_version);
        let message = format!("{place} emits it, built against {name} {version}, {wrong}");
        Some(catalog::SITE_DIFFERS.finding(&metric.name, message))
    };
    emissions.filter(|emits| emits.metric.contract == contract.name).filter_map(finding).collect()
}

/// How a site's metric differs from the contract's, in words.
fn compiled_otherwise(metric: &OwnedMetric, compiled: &RecordedMetric) -> Option<String> {
    let mut wrong = Vec::new();
    if compiled.kind != metric.kind {
        wrong.push(format!("as a {}, where it is a {}", compiled.kind, metric.kind));
    }
    for label in &metric.labels {
        match compiled.labels.iter().find(|(name, _)| *name == label.name) {
            None => wrong.push(format!("without `{}`", label.name)),
            Some((_, conditional)) if *conditional != label.conditional => {
                let how = if *conditional { "conditional" } else { "required" };
                wrong.push(format!("with `{}` {how}", label.name));
            }
            Some(_) => {}
        }
    }
    for (name, _) in compiled.labels.iter().filter(|(name, _)| metric.label(name).is_none()) {
        let nearest = did_you_mean(name, metric.labels.iter().map(|label| label.name.as_str()));
        wrong.push(format!("with `{name}`, which it does not have{nearest}"));
    }
    (!wrong.is_empty()).then(|| wrong.join(", "))
}

/// A contract of this name in a binary that differs from this one.
pub(super) fn contract_differs(contract: &OwnedContract, binaries: &[Binary]) -> Vec<Finding> {
    let held = binaries.iter().flat_map(|binary| binary.own_contracts().map(move |held| (binary, held)));
    let finding = |(binary, held): (&Binary, &OwnedContract)| {
        let versions =
            format!("{} holds version {}, checked against {}", binary.name(), held.version, contract.version);
        match difference(contract, held) {
            Some(difference) => {
                let message = format!("{versions}: the binary changes {difference}");
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

/// The differences between what two contracts promise, in words; `diff` has all of them.
fn difference(contract: &OwnedContract, other: &OwnedContract) -> Option<String> {
    const SHOWN: usize = 5;
    let changes = diff::compare(contract, other).changes;
    let is_promised = |change: &&Change| change.kind != ChangeKind::Documentation && !change.rule.contains("limit");
    let promised = changes.iter().filter(is_promised);
    let mut differences: Vec<_> =
        promised.filter_map(|change| Some(format!("`{}` ({change})", change.metric.as_ref()?))).collect();
    let more = differences.len().saturating_sub(SHOWN);
    differences.truncate(SHOWN);
    let text = differences.join(", ");
    (!differences.is_empty()).then(|| if more > 0 { format!("{text}, and {more} more") } else { text })
}
