//! What changed between two versions of one metric.

use std::collections::HashSet;
use std::fmt;

use super::catalog::{self, row::Row};
use super::{Change, labels, renames};
use crate::contract::owned::OwnedMetric;

/// Every difference between the two versions of a metric, under one name or under two.
pub(super) fn compare(before: &OwnedMetric, after: &OwnedMetric) -> Vec<Change> {
    let mut changes = Vec::new();
    changes.extend(differs(&catalog::METRIC_RENAMED, "renamed", &before.name, &after.name));
    changes.extend(differs(&catalog::KIND_CHANGED, "kind changed", before.kind, after.kind));
    let (row, what) = if renames::is_annotation(&before.unit, &after.unit) {
        (&catalog::UNIT_ANNOTATED, "unit annotated")
    } else {
        (&catalog::UNIT_CHANGED, "unit changed")
    };
    changes.extend(differs(row, what, &before.unit, &after.unit));
    changes.extend(buckets(before, after));
    changes.extend(series_limit(before, after));
    changes.extend(labels::compare(after, &before.labels, &after.labels));
    changes.extend(differs(&catalog::HELP_CHANGED, "help changed", quoted(&before.help), quoted(&after.help)));
    let headings = (quoted(&before.section), quoted(&after.section));
    changes.extend(differs(&catalog::SECTION_CHANGED, "section changed", headings.0, headings.1));
    changes.extend(requirement(before, after));
    changes.into_iter().map(|change| change.of_metric(&before.name)).collect()
}

fn differs<T: PartialEq + fmt::Display>(row: &'static Row, what: &str, before: T, after: T) -> Option<Change> {
    (before != after).then(|| Change::new(row, what).before(before).after(after))
}

fn quoted(text: &str) -> String {
    format!("{text:?}")
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

fn series_limit(before: &OwnedMetric, after: &OwnedMetric) -> Option<Change> {
    let (row, what) = if after.series_limit < before.series_limit {
        (&catalog::SERIES_LIMIT_LOWERED, "series limit lowered")
    } else {
        (&catalog::SERIES_LIMIT_RAISED, "series limit raised")
    };
    differs(row, what, before.series_limit, after.series_limit)
}

fn requirement(before: &OwnedMetric, after: &OwnedMetric) -> Option<Change> {
    let shown = |requirement: &Option<String>| requirement.clone().unwrap_or_else(|| "none".to_owned());
    (before.requirement != after.requirement).then(|| {
        let change = Change::new(&catalog::REQUIREMENT_CHANGED, "requirement changed");
        change.before(shown(&before.requirement)).after(shown(&after.requirement))
    })
}

/// A metric in a few words, for one that was added or removed.
pub(super) fn summary(metric: &OwnedMetric) -> String {
    let labels: Vec<_> = metric.labels.iter().map(|label| label.name.as_str()).collect();
    let unit = if metric.unit == "1" { String::new() } else { format!(" in {}", metric.unit) };
    format!("{}{unit} by {}", metric.kind, if labels.is_empty() { "nothing".to_owned() } else { labels.join(", ") })
}
