//! Every edit is reported by the rule for it, and nothing else is.

use orchq_metrics::diff::{ChangeKind, Diff, VersionBump, compare, consumers};
use orchq_metrics::rules::{RulesOptions, Source, check};
use orchq_metrics::{OwnedContract, Severity};
use proptest::prelude::*;

use super::edits::EDITS;
use super::{rules, v1};

/// Where and how a contract is edited: the edit, the metric, the label, and a number.
type At = (usize, usize, usize, u32);

fn edit() -> impl Strategy<Value = At> {
    (0..EDITS.len(), 0..100_usize, 0..100_usize, 0..50_u32)
}

/// Edits a contract if that is possible. Returns whether it was.
fn apply(contract: &mut OwnedContract, (edit, m, l, n): At) -> bool {
    if contract.metrics.is_empty() {
        return false;
    }
    let m = m % contract.metrics.len();
    if contract.metrics[m].labels.is_empty() {
        return false;
    }
    let l = l % contract.metrics[m].labels.len();
    let before = contract.clone();
    let applied = EDITS[edit].1(contract, m, l, n);
    if !applied {
        *contract = before;
    }
    applied
}

fn edited(edits: &[At]) -> OwnedContract {
    let mut contract = v1();
    for at in edits {
        apply(&mut contract, *at);
    }
    contract
}

/// What a contract promises: everything but the texts and the version. That is the content of the fingerprint and the
/// series limits.
fn promises(contract: &OwnedContract) -> OwnedContract {
    let mut contract = contract.clone();
    contract.version.clear();
    contract.doc.clear();
    for metric in &mut contract.metrics {
        metric.help.clear();
        metric.section.clear();
        metric.requirement = None;
    }
    contract
}

/// The rule of the same change in the other direction.
fn opposite(rule: &str) -> &str {
    match rule {
        "diff-metric-removed" => "diff-metric-added",
        "diff-metric-added" => "diff-metric-removed",
        "diff-range-narrowed" => "diff-range-widened",
        "diff-range-widened" => "diff-range-narrowed",
        "diff-bucket-removed" => "diff-bucket-added",
        "diff-bucket-added" => "diff-bucket-removed",
        "diff-series-limit-lowered" => "diff-series-limit-raised",
        "diff-series-limit-raised" => "diff-series-limit-lowered",
        "diff-label-removed" => "diff-label-added",
        "diff-label-added" | "diff-conditional-label-added" => "diff-label-removed",
        "diff-label-made-conditional" => "diff-label-made-required",
        "diff-label-made-required" => "diff-label-made-conditional",
        "diff-condition-tightened" => "diff-condition-loosened",
        "diff-condition-loosened" => "diff-condition-tightened",
        "diff-value-removed" => "diff-value-added",
        "diff-value-added" => "diff-value-removed",
        "diff-values-opened" => "diff-values-closed",
        "diff-values-closed" => "diff-values-opened",
        "diff-budget-lowered" => "diff-budget-raised",
        "diff-budget-raised" => "diff-budget-lowered",
        same => same,
    }
}

/// The rules of a difference, each as often as it is there; an added label is one whether it is conditional or not.
fn sorted<'a>(diff: &'a Diff, name: impl Fn(&'a str) -> &'a str) -> Vec<&'a str> {
    let mut rules: Vec<_> = rules(diff).into_iter().map(name).collect();
    rules.sort_unstable();
    rules
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn one_edit_is_one_change(at in edit()) {
        let old = v1();
        let mut new = old.clone();
        prop_assume!(apply(&mut new, at));
        let diff = compare(&old, &new);
        prop_assert_eq!(rules(&diff), [EDITS[at.0].0], "{}", diff);
        let metric = at.1 % old.metrics.len();
        if let (Some(reported), false) = (&diff.changes[0].metric, EDITS[at.0].0 == "diff-metric-added") {
            prop_assert_eq!(reported, &old.metrics[metric].name);
        }
    }

    #[test]
    fn a_contract_does_not_differ_from_itself(edits in prop::collection::vec(edit(), 0..6)) {
        let contract = edited(&edits);
        let diff = compare(&contract, &contract);
        prop_assert_eq!((diff.changes.len(), diff.bump, diff.compatibility_rules()), (0, VersionBump::None, None));
        let report = diff.report();
        prop_assert_eq!((report.findings.len(), report.examined), (0, contract.metrics.len()));
    }

    #[test]
    fn differences_are_reported_and_promises_are_distinguished_from_texts(edits in prop::collection::vec(edit(), 0..6)) {
        let (old, new) = (v1(), edited(&edits));
        let diff = compare(&old, &new);
        prop_assert_eq!(diff.changes.is_empty(), old == new, "{}", diff);
        let kept = promises(&old) == promises(&new);
        prop_assert_eq!(diff.gravest() <= Some(ChangeKind::Documentation), kept, "{}", diff);
        for change in &diff.changes {
            let rule = orchq_metrics::Rule::find(&change.rule);
            prop_assert_eq!(rule.map(|rule| rule.severity), Some(change.kind.severity()));
        }
    }

    #[test]
    fn the_other_direction_is_the_opposite(edits in prop::collection::vec(edit(), 0..4)) {
        // A rename is declared in one direction.
        prop_assume!(edits.iter().all(|at| EDITS[at.0].0 != "diff-metric-renamed"));
        let (old, new) = (v1(), edited(&edits));
        let (there, back) = (compare(&old, &new), compare(&new, &old));
        let conditional = |rule| if rule == "diff-conditional-label-added" { "diff-label-added" } else { rule };
        prop_assert_eq!(sorted(&there, opposite), sorted(&back, conditional));
    }

    #[test]
    fn the_demanded_version_is_enough_and_no_lower_one_is(edits in prop::collection::vec(edit(), 1..5)) {
        let (old, mut new) = (v1(), edited(&edits));
        new.version.clone_from(&old.version);
        let diff = compare(&old, &new);
        prop_assume!(!diff.changes.is_empty());
        let verdicts = |new: &OwnedContract| {
            let findings = compare(&old, new).report().findings;
            let verdict = |rule: &str| rule == "diff-version-too-low" || rule == "diff-version-not-raised";
            (findings.iter().any(|finding| verdict(&finding.rule)),
             findings.iter().any(|finding| finding.severity == Severity::Error && finding.rule != "diff-different-contracts"))
        };
        let broken = diff.gravest() == Some(ChangeKind::Breaking);
        prop_assert_eq!(verdicts(&new), (true, diff.bump != VersionBump::Patch || broken));
        new.version = diff.demanded.clone().expect("it can be read");
        prop_assert_eq!(verdicts(&new), (false, false));
        new.version = match diff.bump { VersionBump::Major => "1.9.9", VersionBump::Minor => "1.0.9", _ => "1.0.0" }.to_owned();
        prop_assert!(verdicts(&new).0);
    }
}

proptest! {
    // Each case reads the rules that it writes.
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_two_contracts_can_be_compared(one in prop::collection::vec(edit(), 0..40), other in prop::collection::vec(edit(), 0..40)) {
        let (one, other) = (edited(&one), edited(&other));
        let diff = compare(&one, &other);
        prop_assert!(diff.compared >= one.metrics.len().max(other.metrics.len()));
        prop_assert!(diff.compared <= one.metrics.len() + other.metrics.len());
        let shown = diff.to_string();
        prop_assert_eq!(shown.contains("nothing changed"), diff.changes.is_empty());
        if let Some(rules) = diff.compatibility_rules() {
            let sources = [Source::new("renames.yml", &rules)];
            let report = check(&other, &sources, &RulesOptions::default());
            prop_assert!(report.worst() < Some(Severity::Warning), "{:?}\n{}", report.findings, rules);
            prop_assert_eq!(report.examined, rules.matches("- record: ").count());
            prop_assert_eq!(consumers(&one, &other, &sources, &RulesOptions::default()).findings.len(), 0);
        }
        let json = serde_json::to_value(&diff).expect("it is plain data");
        prop_assert_eq!(json["changes"].as_array().map(Vec::len), Some(diff.changes.len()));
    }
}
