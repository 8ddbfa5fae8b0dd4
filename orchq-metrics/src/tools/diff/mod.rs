//! What changed between two versions of a contract, and which consumers break.
//!
//! [`compare`] finds every change of anything that a contract contains. The table below gives the kind of each (breaking,
//! compatible or documentation) and the reason. The gravest change decides the version that the new contract must have,
//! and [`Diff::report`] checks it. [`consumers`] names the rules and panels that break.
//!
//! A removed metric and an added one are one rename if that is plain: they have the same kind, convertible units and at
//! least half of their labels in common, and their names differ only in spelling and unit; or their names share a word,
//! no word became its opposite (`used`, `free`), and they have the same help, which no other metric has. If several
//! pairs are equally plain, as after a split, none is a rename. [`Diff::compatibility_rules`] writes the recording rules
//! for the old names. Labels are matched by their values and names, values by their spelling.
//!
//! ```
//! use orchq_metrics::{OwnedContract, diff, v1};
//!
//! let old = OwnedContract::from(&v1::CONTRACT);
//! let mut new = old.clone();
//! new.metrics[5].name = "kv_cache_fill_ratio".to_owned();
//!
//! let diff = diff::compare(&old, &new);
//! assert_eq!(diff.changes[0].to_string(), "renamed: kv_cache_usage_ratio -> kv_cache_fill_ratio");
//! assert_eq!(diff.demanded.as_deref(), Some("2.0.0"));
//! let report = diff.report();
//! let rules: Vec<_> = report.findings.iter().map(|finding| &*finding.rule).collect();
//! assert_eq!(rules, ["diff-version-too-low", "diff-metric-renamed"]);
//! assert!(diff.compatibility_rules().unwrap().contains("record: kv_cache_usage_ratio\n"));
//! ```
//!
//! The contracts are expected to be well formed: each name once, and ascending bounds. If a name occurs twice, the first
//! is compared with the first.
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
mod name_words;
mod renames;
#[cfg(test)]
mod tests;
mod version;

pub use change::Change;
pub use change_kind::ChangeKind;
pub use consumers::consumers;
pub use version::VersionBump;

use matching::Matching;
use renames::Metrics;
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
    /// Each renamed metric, as the old and the new one; not in JSON.
    #[cfg_attr(feature = "serde", serde(skip))]
    renamed: Vec<(OwnedMetric, OwnedMetric)>,
}

/// Compares two versions of a contract.
#[must_use]
pub fn compare(old: &OwnedContract, new: &OwnedContract) -> Diff {
    let known = Metrics::new([old, new]);
    let metrics = Matching::by_name(&old.metrics, &new.metrics, |metric: &OwnedMetric| metric.name.as_str())
        .with_renames(&[&Metrics::by_name, &|before, after| known.by_help(before, after)]);
    let mut changes = of_contract(old, new);
    changes.extend(metrics.old().flat_map(|(before, after)| match after {
        Some(after) => metrics::compare(before, after),
        None => {
            let change = Change::new(&catalog::METRIC_REMOVED, "removed").of_metric(&before.name);
            vec![change.before(metrics::summary(before))]
        }
    }));
    changes.extend(metrics.added().map(|added| {
        Change::new(&catalog::METRIC_ADDED, "added").of_metric(&added.name).after(metrics::summary(added))
    }));
    if metrics.order_changed() {
        changes.push(Change::new(&catalog::METRIC_ORDER_CHANGED, "metrics in another order"));
    }
    let version = VersionCheck::new(&old.name, &old.version, &new.version, gravest(&changes));
    let renamed = metrics.pairs().filter(|(before, after)| before.name != after.name);
    Diff {
        contract: old.name.clone(),
        before: old.version.clone(),
        after: new.version.clone(),
        bump: version.bump,
        demanded: version.demanded.map(|version| version.to_string()),
        compared: old.metrics.len() + metrics.added().len(),
        unrelated: old.name != new.name && metrics.pairs().next().is_none(),
        renamed: renamed.map(|(before, after)| (before.clone(), after.clone())).collect(),
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

    /// A Prometheus rule file that records renamed metrics under their old names; `None` if no metric was renamed, and
    /// of a diff that was read from JSON, which does not have the metrics.
    #[must_use]
    pub fn compatibility_rules(&self) -> Option<String> {
        compat::rule_file(&self.contract, &self.renamed)
    }
}
