//! What changed between two versions of a contract, and whom it breaks.
//!
//! [`compare`] finds every change, of whatever a contract says. Each is of one kind of the table below, which says
//! whether it is breaking, compatible or documentation, and why. The gravest one decides the version that the new
//! contract must have, and [`Diff::report`] says whether it has it. [`consumers`] names the rules and panels that break.
//!
//! A metric that is gone and a new one are one rename where that is plain: they are of one kind, their units convert,
//! at least half of their labels are the same, and their names are one but for spelling and unit; or they share a word
//! of the name and a help that no other metric has, and no word became its opposite (`used`, `free`). Where two are as
//! plain as each other, as at a split, none is a rename. [`Diff::compatibility_rules`] writes the recording rules for
//! the old names. Labels are known again by their values and names, values by their spelling.
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
//! let rules: Vec<_> = diff.report().findings.iter().map(|finding| &*finding.rule).collect();
//! assert_eq!(rules, ["diff-version-too-low", "diff-metric-renamed"]);
//! assert!(diff.compatibility_rules().unwrap().contains("record: kv_cache_usage_ratio\n"));
//! ```
//!
//! A contract is taken to be well formed: each name in it once, and bounds ascending. Of one that is not, the first of
//! a name is compared with the first.
//!
//! # The table of changes
//!
#![doc = include_str!("table.md")]

pub(crate) mod catalog;
mod change;
mod compat;
mod conditions;
mod consumers;
mod display;
mod labels;
mod likeness;
mod matching;
mod metrics;
#[cfg(test)]
mod tests;
mod version;
mod words;

pub use catalog::Row;
pub use change::{Change, Class};
pub use consumers::consumers;
pub use version::Bump;

use compat::Renamed;
use matching::Matching;
use version::Judgement;

use crate::contract::owned::OwnedContract;
use crate::contract::owned::OwnedMetric;
use crate::report::Report;

/// Every kind of change that there is, with its class and the rule that says why.
#[must_use]
pub fn table() -> &'static [&'static Row] {
    &catalog::TABLE
}

/// The table as Markdown.
#[must_use]
pub fn table_markdown() -> String {
    let mut text = String::from("| change | class | why |\n| --- | --- | --- |\n");
    for Row { class, rule } in table() {
        text += &format!("| `{}` | {class} | {} |\n", rule.id, rule.description.replace('|', "\\|"));
    }
    text
}

/// What changed between two versions of a contract.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
    /// Which part of the old version the changes demand to be raised, that of the version itself left out.
    pub bump: Bump,
    /// The lowest version that the changes allow, where the old one can be read. Of an old one that is a pre-release,
    /// the next one: every version after it is high enough.
    pub demanded: Option<String>,
    /// How many metrics were compared: those of either contract, each once.
    pub compared: usize,
    /// Whether the contracts have other names and no metric in common.
    pub unrelated: bool,
    #[cfg_attr(feature = "serde", serde(skip))]
    renamed: Vec<Renamed>,
}

/// Compares two versions of a contract.
#[must_use]
pub fn compare(old: &OwnedContract, new: &OwnedContract) -> Diff {
    let known = likeness::Metrics::of([old, new]);
    let metrics = Matching::by_name(&old.metrics, &new.metrics, |metric: &OwnedMetric| metric.name.as_str())
        .with_renames(|before, after| known.likeness(before, after));
    let mut changes = of_contract(old, new);
    for metric in &metrics.old {
        match metric.after {
            Some(after) => changes.extend(metrics::compare(metric.before, after.item)),
            None => changes.push(
                Change::new(&catalog::METRIC_REMOVED, "removed")
                    .of_metric(&metric.before.name)
                    .before(metrics::summary(metric.before)),
            ),
        }
    }
    changes.extend(metrics.added.iter().map(|added| {
        let change = Change::new(&catalog::METRIC_ADDED, "added").of_metric(&added.item.name);
        change.after(metrics::summary(added.item))
    }));
    if metrics.order_changed() {
        changes.push(Change::new(&catalog::METRIC_ORDER_CHANGED, "metrics in another order"));
    }
    let judgement = Judgement::new(&old.name, &old.version, &new.version, weight(&changes));
    Diff {
        contract: old.name.clone(),
        before: old.version.clone(),
        after: new.version.clone(),
        bump: judgement.bump,
        demanded: judgement.demanded.map(|version| version.to_string()),
        compared: metrics.old.len() + metrics.added.len(),
        unrelated: old.name != new.name && metrics.pairs().next().is_none(),
        renamed: metrics.pairs().filter(|(before, after)| before.name != after.name).map(Renamed::new).collect(),
        changes,
    }
}

/// The gravest class of what a version is raised for.
fn weight(changes: &[Change]) -> Option<Class> {
    let others = changes.iter().filter(|change| change.rule != catalog::VERSION_CHANGED.rule.id);
    others.map(|change| change.class).max()
}

fn of_contract(old: &OwnedContract, new: &OwnedContract) -> Vec<Change> {
    let mut changes = Vec::new();
    if old.name != new.name {
        changes.push(Change::new(&catalog::CONTRACT_RENAMED, "renamed").before(&old.name).after(&new.name));
    }
    if old.version != new.version {
        let change = Change::new(&catalog::VERSION_CHANGED, "version changed");
        changes.push(change.before(&old.version).after(&new.version));
    }
    if old.doc != new.doc {
        changes.push(Change::new(&catalog::DOC_CHANGED, "the contract's text changed"));
    }
    changes
}

impl Diff {
    /// The gravest class of a change.
    #[must_use]
    pub fn gravest(&self) -> Option<Class> {
        self.changes.iter().map(|change| change.class).max()
    }

    /// Every change as a finding, below what is to be said of the versions. A breaking change is an error, and a
    /// warning where the new version announces it; the others are notes.
    ///
    /// Without any change there is no finding; what was examined are the metrics of both contracts.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = Report::default();
        report.examined = self.compared;
        let judgement = Judgement::new(&self.contract, &self.before, &self.after, weight(&self.changes));
        if self.unrelated {
            let message = "it is compared with a contract of another name that has none of its metrics";
            report.push(catalog::DIFFERENT_CONTRACTS.finding(&*self.contract, message));
        }
        report.extend(judgement.finding);
        report.extend(self.changes.iter().map(|change| change.finding(&self.contract, judgement.announced)));
        report
    }

    /// The same report, with what [`consumers`] found between the same contracts below it.
    #[must_use]
    pub fn report_with(&self, consumers: Report) -> Report {
        let mut report = self.report();
        report.append(consumers);
        report
    }

    /// A Prometheus rule file that makes the old names of renamed metrics out of the new ones; nothing where no
    /// metric was renamed.
    #[must_use]
    pub fn compatibility_rules(&self) -> Option<String> {
        compat::rule_file(self)
    }
}
