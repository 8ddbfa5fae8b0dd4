//! A rename is what the new contract declares, and nothing else.

use super::{both_named, closed, contract, dropped, edited, label, rules};
use crate::contract::owned::{OwnedContract, OwnedValues};
use crate::declare::lifecycle::OldName;
use crate::tools::diff::{ChangeKind, compare};

pub(super) fn old_name(name: &str, until: &str) -> OldName<String> {
    OldName::new(name.to_owned(), "1.2.3".to_owned(), until.to_owned())
}

/// The contract with another name for its first metric, which nothing declares.
fn renamed(version: &str) -> OwnedContract {
    let mut new = OwnedContract { version: version.to_owned(), ..contract() };
    new.metrics[0].name = "queue_length".to_owned();
    new
}

#[test]
fn a_declared_rename_is_compatible_and_its_other_changes_are_reported() {
    let mut new = both_named(&contract(), &renamed("1.3.0"));
    new.metrics[0].labels[1].values = OwnedValues::Open { budget: 8 };
    let diff = compare(&contract(), &new);
    assert_eq!(rules(&diff), ["diff-metric-renamed", "diff-budget-lowered"]);
    assert_eq!(diff.changes[0].kind, ChangeKind::Compatible);
    assert!(diff.changes.iter().all(|change| change.metric.as_deref() == Some("queue_depth")));
    assert_eq!(diff.compatibility_rules(), None, "both are served");
}

#[test]
fn a_rename_that_is_not_declared_is_a_removal_that_says_what_it_may_be() {
    let diff = compare(&contract(), &renamed("2.0.0"));
    assert_eq!(rules(&diff)[1..], ["diff-metric-removed", "diff-metric-added"]);
    let help = &diff.changes[1].help;
    assert!(help.starts_with("perhaps renamed: `queue_length` is new and promises the same"), "{help}");
    assert!(help.contains("`renamed_from = \"queue_depth\"`"), "{help}");
    assert_eq!(diff.compatibility_rules(), None);
    // Another promise is another metric.
    let diff = edited(|new| {
        new.metrics[0].name = "queue_length".to_owned();
        new.metrics[0].unit = "bytes".to_owned();
    });
    assert!(diff.changes[0].help.starts_with("keep it until"), "{}", diff.changes[0].help);
}

#[test]
fn an_old_name_lives_until_the_version_that_was_declared() {
    for (version, rule, text, kind) in [
        ("1.9.9", "diff-old-name-dropped-early", "old name dropped before 2.0.0: queue_depth", ChangeKind::Breaking),
        ("2.0.0", "diff-old-name-dropped", "old name dropped at or after 2.0.0: queue_depth", ChangeKind::Compatible),
        (
            "2.0.0-rc.1",
            "diff-old-name-dropped",
            "old name dropped at or after 2.0.0: queue_depth",
            ChangeKind::Compatible,
        ),
        ("3.1.0", "diff-old-name-dropped", "old name dropped at or after 2.0.0: queue_depth", ChangeKind::Compatible),
    ] {
        let diff = dropped(&contract(), &renamed(version));
        assert_eq!(rules(&diff), ["diff-version-changed", rule], "{version}");
        let change = &diff.changes[1];
        assert_eq!((change.to_string().as_str(), change.kind), (text, kind), "{version}");
        assert_eq!(change.metric.as_deref(), Some("queue_length"));
    }
    let both = both_named(&contract(), &renamed("1.2.3"));
    let until = |version: &str| {
        let mut new = both.clone();
        new.metrics[0].renamed_from = Some(old_name("queue_depth", version));
        compare(&both, &new).changes
    };
    assert_eq!(until("2.0.0"), []);
    for (version, rule) in [("2.1.0", "diff-old-name-kept"), ("1.9.0", "diff-old-name-dropped-early")] {
        let changes = until(version);
        assert_eq!((&*changes[0].rule, changes.len()), (rule, 1));
        let text = format!("old name `queue_depth` served until another version: 2.0.0 -> {version}");
        assert_eq!(changes[0].to_string(), text);
    }
    // A metric that is renamed again: the name before the last is gone.
    let mut again = both.clone();
    again.metrics[0].name = "queue_waiting".to_owned();
    again.metrics[0].renamed_from = Some(old_name("queue_length", "3.0.0"));
    assert_eq!(rules(&compare(&both, &again)), ["diff-metric-renamed", "diff-old-name-dropped-early"]);
    // Each metric and its old name go together.
    let mut without = both.clone();
    without.metrics.remove(0);
    assert_eq!(rules(&compare(&both, &without)), ["diff-metric-removed"]);
}

#[test]
fn labels_and_values_are_their_names() {
    let diff = edited(|new| new.metrics[1].labels[1].name = "pool".to_owned());
    assert_eq!(rules(&diff), ["diff-label-removed", "diff-label-added"]);
    let diff = edited(|new| new.metrics[0].labels[0].values = closed(&["llama.cpp", "vllm", "triton"]));
    assert_eq!(rules(&diff), ["diff-value-removed", "diff-value-added"]);
    let diff = edited(|new| new.metrics[0].labels.push(label("zone", closed(&["a"]))));
    assert_eq!(rules(&diff), ["diff-label-added"]);
}

#[test]
fn two_that_swap_their_help_keep_their_names() {
    let diff = edited(|new| {
        new.metrics[0].help = "Time to first token.".to_owned();
        new.metrics[1].help = "Current queue length.".to_owned();
    });
    assert_eq!(rules(&diff), ["diff-help-changed", "diff-help-changed"]);
}

#[test]
fn bounds_in_another_unit_are_compared_as_what_they_are() {
    let (mut old, mut new) = (contract(), contract());
    old.metrics[1].buckets = vec![4.1, 50.0];
    new.metrics[1].unit = "seconds".to_owned();
    new.metrics[1].buckets = vec![0.0041, 0.05, 0.07];
    // Not exact as numbers.
    assert_ne!(0.0041_f64 * 1e3, 4.1);
    assert_eq!(rules(&compare(&old, &new)), ["diff-unit-changed", "diff-bucket-added"]);
}
