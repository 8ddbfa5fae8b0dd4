//! What changed between two versions of one metric.

use std::collections::HashSet;

use super::{Change, catalog, labels, units};
use crate::contract::owned::OwnedMetric;
use crate::contract::value;
use crate::declare::lifecycle::{Deprecation, OldName};
use crate::declare::rules::{self, ANY};

/// Every difference between the two versions of a metric, under one name or under two. The version is that of the new
/// contract.
pub(super) fn compare(before: &OwnedMetric, after: &OwnedMetric, version: &str) -> Vec<Change> {
    let quoted = |text: &str| format!("{text:?}");
    let unit = match units::is_annotation(&before.unit, &after.unit) {
        true => (&catalog::UNIT_ANNOTATED, "unit annotated"),
        false => (&catalog::UNIT_CHANGED, "unit changed"),
    };
    let limit = match after.series_limit < before.series_limit {
        true => (&catalog::SERIES_LIMIT_LOWERED, "series limit lowered"),
        false => (&catalog::SERIES_LIMIT_RAISED, "series limit raised"),
    };
    let shown = |requirement: &Option<String>| requirement.clone().unwrap_or_else(|| "none".to_owned());
    let requirement = (before.requirement != after.requirement).then(|| {
        let change = Change::new(&catalog::REQUIREMENT_CHANGED, "requirement changed");
        change.before(shown(&before.requirement)).after(shown(&after.requirement))
    });
    let texts = [
        (&catalog::HELP_CHANGED, "help changed", &before.help, &after.help),
        (&catalog::SECTION_CHANGED, "section changed", &before.section, &after.section),
    ];
    let texts = texts.map(|(row, what, before, after)| Change::between(row, what, quoted(before), quoted(after)));
    let mut changes = Vec::new();
    changes.extend(names(before, after, version));
    changes.extend(Change::between(&catalog::KIND_CHANGED, "kind changed", before.kind, after.kind));
    changes.extend(Change::between(unit.0, unit.1, &before.unit, &after.unit));
    changes.extend(range(before, after));
    changes.extend(buckets(before, after));
    changes.extend(Change::between(limit.0, limit.1, before.series_limit, after.series_limit));
    changes.extend(labels::compare(&before.labels, &after.labels));
    changes.extend(texts.into_iter().flatten().chain(requirement).chain(deprecation(before, after)));
    changes.into_iter().map(|change| change.of_metric(&before.name)).collect()
}

/// The names under which a metric is served: whether it was renamed, and whether an old name is still served.
fn names(before: &OwnedMetric, after: &OwnedMetric, version: &str) -> Vec<Change> {
    let renamed = after.renamed_from.as_ref().filter(|old| old.name == before.name);
    let renamed = renamed.and_then(|old| {
        let what = format!("renamed, both names are served until {}", old.until);
        Change::between(&catalog::METRIC_RENAMED, what, &before.name, &after.name)
    });
    let is_served = |old: &&OldName<String>| after.serves(&old.name);
    let kept = before.renamed_from.as_ref().filter(is_served);
    let dropped = before.renamed_from.as_ref().filter(|old| !is_served(old)).map(|old| {
        let until = &old.until;
        let (row, when) = match rules::precedes(version, until) {
            true => (&catalog::OLD_NAME_DROPPED_EARLY, "before"),
            false => (&catalog::OLD_NAME_DROPPED, "at or after"),
        };
        Change::new(row, format!("old name dropped {when} {until}")).before(&old.name)
    });
    let moved = kept.zip(after.renamed_from.as_ref()).and_then(|(old, new)| {
        let row = match rules::precedes(&new.until, &old.until) {
            true => &catalog::OLD_NAME_DROPPED_EARLY,
            false => &catalog::OLD_NAME_KEPT,
        };
        Change::between(row, format!("old name `{}` served until another version", old.name), &old.until, &new.until)
    });
    let is_new = |old: &&OldName<String>| kept.is_none() && old.name != before.name;
    let added = after.renamed_from.as_ref().filter(is_new);
    let added = added.map(|old| Change::new(&catalog::OLD_NAME_KEPT, "old name served too").after(&old.name));
    renamed.into_iter().chain(dropped).chain(moved).chain(added).collect()
}

fn deprecation(before: &OwnedMetric, after: &OwnedMetric) -> Option<Change> {
    let shown = |metric: &OwnedMetric| match &metric.deprecated {
        Some(Deprecation { since, note }) => format!("since {since}, {note}"),
        None => "none".to_owned(),
    };
    Change::between(&catalog::DEPRECATION_CHANGED, "deprecation changed", shown(before), shown(after))
}

/// Whether the range lost values, and whether it gained some. That of another unit is reported as the change of the
/// unit.
fn range(before: &OwnedMetric, after: &OwnedMetric) -> Vec<Change> {
    let is_other = before.unit != after.unit && !units::is_annotation(&before.unit, &after.unit);
    if before.kind != after.kind || is_other {
        return Vec::new();
    }
    let [old, new] = [before, after].map(|metric| metric.range().unwrap_or(ANY));
    let change = |row, what| Change::new(row, what).before(value::range(old)).after(value::range(new));
    let lost = new.0 > old.0 || new.1 < old.1;
    let gained = new.0 < old.0 || new.1 > old.1;
    let lost = lost.then(|| change(&catalog::RANGE_NARROWED, "range narrowed"));
    let gained = gained.then(|| change(&catalog::RANGE_WIDENED, "range widened"));
    lost.into_iter().chain(gained).collect()
}

/// Which bounds were removed and which were added. A change of the kind, or of the unit, is reported on its own.
fn buckets(before: &OwnedMetric, after: &OwnedMetric) -> Vec<Change> {
    if before.kind != after.kind {
        return Vec::new();
    }
    let factor = units::factor(&after.unit, &before.unit).unwrap_or(1.0);
    // A multiplied bound differs in the last digits.
    let key = |bound: f64| if factor == 1.0 { bound.to_string() } else { format!("{bound:.9e}") };
    let old: Vec<_> = before.buckets.iter().map(|bound| key(*bound)).collect();
    let new: Vec<_> = after.buckets.iter().map(|bound| key(*bound * factor)).collect();
    let removed = missing(&before.buckets, &old, &new);
    let added = missing(&after.buckets, &new, &old);
    let removed = removed.map(|bounds| Change::new(&catalog::BUCKET_REMOVED, "buckets removed").before(bounds));
    let added = added.map(|bounds| Change::new(&catalog::BUCKET_ADDED, "buckets added").after(bounds));
    removed.into_iter().chain(added).collect()
}

/// The bounds whose keys are not among the known ones, if any.
fn missing(bounds: &[f64], keys: &[String], known: &[String]) -> Option<String> {
    let known: HashSet<_> = known.iter().collect();
    let missing = bounds.iter().zip(keys).filter(|(_, key)| !known.contains(key));
    let missing: Vec<_> = missing.map(|(bound, _)| bound.to_string()).collect();
    (!missing.is_empty()).then(|| missing.join(", "))
}

/// A metric that was removed. If an added one promises the same, the help says that it may be a rename.
pub(super) fn removed<'a>(before: &OwnedMetric, mut added: impl Iterator<Item = &'a OwnedMetric>) -> Change {
    let change = Change::new(&catalog::METRIC_REMOVED, "removed").of_metric(&before.name).before(summary(before));
    match added.find(|added| added.promises_the_same(before)) {
        Some(OwnedMetric { name, .. }) => {
            let help = format!(
                "perhaps renamed: `{name}` is new and promises the same; if so, declare `renamed_from = \"{}\"` there, and \
                 both names are served",
                before.name
            );
            change.help(help)
        }
        None => change,
    }
}

/// A metric in a few words, for one that was added or removed.
pub(super) fn summary(metric: &OwnedMetric) -> String {
    let labels: Vec<_> = metric.labels.iter().map(|label| label.name.as_str()).collect();
    let unit = if metric.unit == "1" { String::new() } else { format!(" in {}", metric.unit) };
    let labels = if labels.is_empty() { "without labels".to_owned() } else { format!("by {}", labels.join(", ")) };
    format!("{}{unit} {labels}", metric.kind)
}
