//! What changed between two versions of one metric.

use std::collections::HashSet;

use super::{Change, catalog, labels, renames};
use crate::contract::owned::OwnedMetric;
use crate::contract::value;
use crate::declare::rules::ANY;

/// Every difference between the two versions of a metric, under one name or under two.
pub(super) fn compare(before: &OwnedMetric, after: &OwnedMetric) -> Vec<Change> {
    let quoted = |text: &str| format!("{text:?}");
    let unit = match renames::is_annotation(&before.unit, &after.unit) {
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
    changes.extend(Change::between(&catalog::METRIC_RENAMED, "renamed", &before.name, &after.name));
    changes.extend(Change::between(&catalog::KIND_CHANGED, "kind changed", before.kind, after.kind));
    changes.extend(Change::between(unit.0, unit.1, &before.unit, &after.unit));
    changes.extend(range(before, after));
    changes.extend(buckets(before, after));
    changes.extend(Change::between(limit.0, limit.1, before.series_limit, after.series_limit));
    changes.extend(labels::compare(after, &before.labels, &after.labels));
    changes.extend(texts.into_iter().flatten().chain(requirement));
    changes.into_iter().map(|change| change.of_metric(&before.name)).collect()
}

/// Whether the range lost values, and whether it gained some. That of another unit is reported as the change of the unit.
fn range(before: &OwnedMetric, after: &OwnedMetric) -> Vec<Change> {
    let is_other = before.unit != after.unit && !renames::is_annotation(&before.unit, &after.unit);
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
    let factor = renames::factor(&after.unit, &before.unit).unwrap_or(1.0);
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

/// A metric in a few words, for one that was added or removed.
pub(super) fn summary(metric: &OwnedMetric) -> String {
    let labels: Vec<_> = metric.labels.iter().map(|label| label.name.as_str()).collect();
    let unit = if metric.unit == "1" { String::new() } else { format!(" in {}", metric.unit) };
    format!("{}{unit} by {}", metric.kind, if labels.is_empty() { "nothing".to_owned() } else { labels.join(", ") })
}
