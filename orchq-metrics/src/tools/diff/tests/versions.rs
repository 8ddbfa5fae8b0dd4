//! The version that the changes demand.

use super::{contract, rules};
use crate::contract::owned::OwnedContract;
use crate::report::finding::Severity;
use crate::tools::diff::{ChangeKind, VersionBump, compare};

fn between(before: &str, after: &str, class: Option<ChangeKind>) -> crate::tools::diff::Diff {
    let old = OwnedContract { version: before.to_owned(), ..contract() };
    let mut new = OwnedContract { version: after.to_owned(), ..contract() };
    match class {
        Some(ChangeKind::Breaking) => new.metrics[0].unit = "seconds".to_owned(),
        Some(ChangeKind::Compatible) => new.metrics[0].series_limit = 20_000,
        Some(ChangeKind::Documentation) => new.metrics[0].help = "Length.".to_owned(),
        None => (),
    }
    compare(&old, &new)
}

#[test]
fn a_class_demands_a_version() {
    use ChangeKind::{Breaking, Compatible, Documentation};
    use VersionBump::{Major, Minor, Patch, Prerelease};
    for (before, class, bump, demanded) in [
        ("1.2.3", Breaking, Major, "2.0.0"),
        ("1.2.3", Compatible, Minor, "1.3.0"),
        ("1.2.3", Documentation, Patch, "1.2.4"),
        ("0.2.3", Breaking, Minor, "0.3.0"),
        ("0.2.3", Compatible, Patch, "0.2.4"),
        ("0.2.3", Documentation, Patch, "0.2.4"),
        ("0.0.3", Breaking, Patch, "0.0.4"),
        ("0.0.3", Compatible, Patch, "0.0.4"),
        ("2.0.0-rc.1", Breaking, Prerelease, "2.0.0-rc.2"),
        ("2.0.0-rc.1", Documentation, Prerelease, "2.0.0-rc.2"),
        ("2.0.0-rc", Compatible, Prerelease, "2.0.0-rc.1"),
        ("2.0.0-3", Breaking, Prerelease, "2.0.0-4"),
        ("2.0.0-rc.18446744073709551615", Breaking, Prerelease, "2.0.0"),
    ] {
        let diff = between(before, before, Some(class));
        assert_eq!((diff.bump, diff.demanded.as_deref()), (bump, Some(demanded)), "{before} {class}");
        let verdict = &diff.report().findings[0];
        let rule = if class == Documentation { "diff-version-not-raised" } else { "diff-version-too-low" };
        assert_eq!(verdict.rule, rule, "{before} {class}");
        assert_eq!(between(before, demanded, Some(class)).report().worst(), between_worst(class), "{before} {class}");
    }
}

/// The findings that remain after the version was raised.
fn between_worst(class: ChangeKind) -> Option<Severity> {
    Some(if class == ChangeKind::Breaking { Severity::Warning } else { Severity::Note })
}

#[test]
fn a_version_is_enough_or_a_finding_says_what_would_be() {
    let verdict = |before, after, class| {
        let findings = between(before, after, class).report().findings;
        findings
            .into_iter()
            .find(|finding| finding.rule.starts_with("diff-version-") && finding.rule != "diff-version-changed")
    };
    let message = |before, after, class| verdict(before, after, class).map(|finding| finding.message);
    let breaking = Some(ChangeKind::Breaking);
    assert_eq!(message("1.0.0", "2.0.0", breaking), None);
    assert_eq!(message("1.0.0", "3.1.0", breaking), None);
    assert_eq!(message("1.0.0", "2.0.0-rc.1", breaking), None);
    assert_eq!(message("2.0.0-rc.1", "2.0.0-rc.2", breaking), None);
    assert_eq!(message("2.0.0-rc.1", "2.0.0", breaking), None);
    let low =
        |demanded: &str, given: &str| Some(format!("the changes demand {demanded}, and the new contract has {given}"));
    assert_eq!(message("1.0.0", "1.1.0", breaking), low("2.0.0", "1.1.0"));
    assert_eq!(message("2.0.0-rc.1", "2.0.0-rc.1", breaking), low("one after 2.0.0-rc.1", "2.0.0-rc.1"));
    let next = between("1.0.0-rc.1", "1.0.0-rc.2", breaking);
    assert!(next.to_string().contains("; demands 1.0.0-rc.2 (prerelease)\n"), "{next}");
    assert_eq!(next.report().worst(), Some(Severity::Warning));
    // What follows a plus distinguishes builds, not versions.
    assert_eq!(message("1.0.0+a", "1.0.0+b", Some(ChangeKind::Compatible)), low("1.1.0", "1.0.0+b"));
    let back = verdict("1.1.0", "1.0.9", None).expect("it is lowered");
    assert_eq!((&*back.rule, back.severity), ("diff-version-lowered", Severity::Error));
    let odd = verdict("1.0.0", "next", breaking).expect("it is not valid");
    assert_eq!((&*odd.rule, odd.severity), ("diff-version-unreadable", Severity::Error));
    assert!(odd.message.starts_with("the version \"next\" is not valid: "), "{}", odd.message);
    assert_eq!(message("next", "next", None), None);
    assert_eq!(message("1.0.0", "1.0.1", None), None);
    assert_eq!(message("1.0.0+a", "1.0.0+b", None), None);
    let only = between("1.0.0", "1.0.1", None);
    assert_eq!(
        only.to_string(),
        "queue 1.0.0 -> 1.0.1: 1 documentation\n\ndocumentation\n  version changed: 1.0.0 -> 1.0.1\n"
    );
    let greatest = "18446744073709551615.0.0";
    assert_eq!(verdict(greatest, greatest, breaking).map(|finding| finding.rule), Some("diff-version-too-low".into()));
}

#[test]
fn a_breaking_change_is_an_error_until_the_version_announces_it() {
    let severity = |after| {
        let findings = between("1.0.0", after, Some(ChangeKind::Breaking)).report().findings;
        findings.into_iter().find(|finding| finding.rule == "diff-unit-changed").map(|finding| finding.severity)
    };
    assert_eq!(severity("1.1.0"), Some(Severity::Error));
    assert_eq!(severity("2.0.0"), Some(Severity::Warning));
    assert_eq!(severity("next"), Some(Severity::Error));
}

#[test]
fn contracts_of_two_names_are_a_renamed_one_or_unrelated() {
    let old = contract();
    let renamed = OwnedContract { name: "orchqueue".to_owned(), ..contract() };
    let diff = compare(&old, &renamed);
    assert_eq!((rules(&diff), diff.unrelated), (vec!["diff-contract-renamed"], false));
    let mut other = renamed;
    for (metric, name) in other.metrics.iter_mut().zip(["invoices", "payments"]) {
        metric.name = name.to_owned();
        metric.help = "Money.".to_owned();
    }
    let diff = compare(&old, &other);
    assert!(diff.unrelated);
    assert_eq!((&*diff.report().findings[0].rule, diff.compared), ("diff-different-contracts", 4));
    other.name = old.name.clone();
    assert!(!compare(&old, &other).unrelated);
}
