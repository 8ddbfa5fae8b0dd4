//! What changed between two versions of a contract, and which consumers break.
//!
//! [`compare`] finds every change of anything that a contract contains. The table below gives the kind of each
//! (breaking, compatible or documentation) and the reason. The gravest change decides the version that the new contract
//! must have, and [`Diff::report`] checks it. [`consumers`] names the rules and panels that break.
//!
//! A metric was renamed if the new contract declares it, with `renamed_from`; nothing is guessed. Both names are then
//! served, so that a rename is compatible. Dropping the old name before the version that was declared is breaking, and
//! at that version expected; [`Diff::compatibility_rules`] writes the recording rules for dropped names.
//!
//! ```
//! use orchq_metrics::{OwnedContract, diff};
//!
//! let of = |version, name, more| {
//!     let metric = format!(r#"{{ "name": "{name}", "kind": "gauge", "unit": "ratio", "help": "Usage."{more} }}"#);
//!     let text = format!(r#"{{ "format": 1, "name": "cache", "version": "{version}", "metrics": [{metric}] }}"#);
//!     OwnedContract::from_json(&text).unwrap()
//! };
//! let old_name = r#", "renamed_from": { "name": "gpu_cache_usage", "since": "1.1.0", "until": "2.0.0" }"#;
//! let (old, both, new) =
//!     (of("1.0.0", "gpu_cache_usage", ""), of("1.1.0", "cache_usage", old_name), of("1.2.0", "cache_usage", ""));
//!
//! let renamed = diff::compare(&old, &both);
//! let expected = "renamed, both names are served until 2.0.0: gpu_cache_usage -> cache_usage";
//! assert_eq!(renamed.changes[1].to_string(), expected);
//! assert_eq!(renamed.demanded.as_deref(), Some("1.1.0"));
//!
//! let dropped = diff::compare(&both, &new);
//! let report = dropped.report();
//! let rules: Vec<_> = report.findings.iter().map(|finding| &*finding.rule).collect();
//! assert_eq!(rules, ["diff-version-too-low", "diff-version-changed", "diff-old-name-dropped-early"]);
//! assert!(dropped.compatibility_rules().unwrap().contains("record: gpu_cache_usage\n"));
//! ```
//!
//! The contracts are expected to be well formed: each name once, and ascending bounds. If a name occurs twice, the
//! first is compared with the first.
//!
//! # The table of changes
//!
#![doc = include_str!("table.md")]

pub(crate) mod catalog;
mod change;
mod change_kind;
mod compat;
mod conditions;
mod consumers;
mod display;
mod label_pair;
mod labels;
mod matching;
mod metrics;
#[cfg(test)]
mod tests;
mod units;
mod version;

pub use change::Change;
pub use change_kind::ChangeKind;
pub use consumers::consumers;
pub use version::VersionBump;

use matching::Matching;
use version::VersionCheck;

use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::report::Report;

/// What changed between two versions of a contract.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Diff {
    /// The old contract's name.
    pub contract: String,
    /// The old contract's version.
    pub before: String,
    /// The new contract's version.
    pub after: String,
    /// Every change, in the order of the old contract.
    pub changes: Vec<Change>,
    /// Which part of the old version must be raised for the changes other than that of the version.
    pub bump: VersionBump,
    /// The lowest version that is high enough for the changes, if the old version is valid. After a pre-release, the
    /// next one: every later version is high enough.
    pub demanded: Option<String>,
    /// How many metrics were compared: those of either contract, each once.
    pub compared: usize,
    /// Whether the contracts have different names and no metric in common.
    pub unrelated: bool,
    /// Each old name that was dropped, as the metric under it and the new one; not in JSON.
    #[cfg_attr(feature = "serde", serde(skip))]
    dropped: Vec<(OwnedMetric, OwnedMetric)>,
}

/// Compares two versions of a contract.
#[must_use]
pub fn compare(old: &OwnedContract, new: &OwnedContract) -> Diff {
    let metrics = Matching::by_name(&old.metrics, &new.metrics, |metric: &OwnedMetric| metric.name.as_str())
        .with_renames(|before, after| after.serves(&before.name));
    let mut changes = of_contract(old, new);
    changes.extend(metrics.old().flat_map(|(before, after)| match after {
        Some(after) => metrics::compare(before, after, &new.version),
        None => vec![metrics::removed(before, metrics.added())],
    }));
    changes.extend(metrics.added().map(|added| {
        Change::new(&catalog::METRIC_ADDED, "added").of_metric(&added.name).after(metrics::summary(added))
    }));
    if metrics.order_changed() {
        changes.push(Change::new(&catalog::METRIC_ORDER_CHANGED, "metrics in another order"));
    }
    let version = VersionCheck::new(&old.name, &old.version, &new.version, gravest(&changes));
    let dropped = metrics.pairs().filter_map(|(before, after)| {
        let old = before.renamed_from.as_ref().filter(|old| !after.serves(&old.name))?;
        Some((OwnedMetric { name: old.name.clone(), ..before.clone() }, after.clone()))
    });
    Diff {
        contract: old.name.clone(),
        before: old.version.clone(),
        after: new.version.clone(),
        bump: version.bump,
        demanded: version.demanded.map(|version| version.to_string()),
        compared: old.metrics.len() + metrics.added().len(),
        unrelated: old.name != new.name && metrics.pairs().next().is_none(),
        dropped: dropped.collect(),
        changes,
    }
}

/// The gravest kind of a change other than that of the version.
fn gravest(changes: &[Change]) -> Option<ChangeKind> {
    let others = changes.iter().filter(|change| change.rule != catalog::VERSION_CHANGED.rule.id);
    others.map(|change| change.kind).max()
}

fn of_contract(old: &OwnedContract, new: &OwnedContract) -> Vec<Change> {
    let text = Change::new(&catalog::DOC_CHANGED, "the contract's text changed");
    let changes = [
        Change::between(&catalog::CONTRACT_RENAMED, "renamed", &old.name, &new.name),
        Change::between(&catalog::VERSION_CHANGED, "version changed", &old.version, &new.version),
        (old.doc != new.doc).then_some(text),
    ];
    changes.into_iter().flatten().collect()
}

impl Diff {
    /// The gravest kind of a change.
    #[must_use]
    pub fn gravest(&self) -> Option<ChangeKind> {
        self.changes.iter().map(|change| change.kind).max()
    }

    /// Every change as a finding, below those about the versions. A breaking change is an error, or a warning if the
    /// new version is high enough for it; the others are notes.
    ///
    /// Without a change there is no finding. [`Report::examined`] counts the metrics of both contracts.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = Report::on(self.compared);
        let version = VersionCheck::new(&self.contract, &self.before, &self.after, gravest(&self.changes));
        if self.unrelated {
            let message = "the other contract has another name, and no metric of this one";
            report.push(catalog::DIFFERENT_CONTRACTS.finding(&*self.contract, message));
        }
        report.extend(version.finding);
        report.extend(self.changes.iter().map(|change| change.finding(&self.contract, version.is_high_enough)));
        report
    }

    /// The same report, followed by the findings of [`consumers`] between the same contracts.
    #[must_use]
    pub fn report_with(&self, of_consumers: Report) -> Report {
        let mut report = self.report();
        report.append(of_consumers);
        report
    }

    /// A Prometheus rule file that records metrics under the old names that the new contract dropped; `None` if it
    /// dropped none, and of a diff that was read from JSON, which does not have the metrics.
    #[must_use]
    pub fn compatibility_rules(&self) -> Option<String> {
        compat::rule_file(&self.contract, &self.dropped)
    }
}
