//! Whether one item was renamed to another.
//!
//! A wrong guess writes a recording rule that serves wrong numbers under a trusted name; a missed rename is only
//! reported as a removal and an addition. So only a plain rename is one.

use std::collections::BTreeSet;

use super::name_words::{Replaced, spelling, words};
use crate::contract::owned::{OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;

/// The share of labels that a renamed metric must keep.
const SAME_LABELS: f64 = 0.5;

/// How many words two different helps must share to mean the same.
const SAME_HELP: usize = 3;

/// How many values make a list too long to be the same by coincidence.
const TELLING_LIST: usize = 3;

/// Words at the end of a metric's name that state its unit.
const UNITS: [&str; 9] = ["ms", "millisecond", "us", "microsecond", "second", "byte", "ratio", "percent", "perc"];

/// Words at the end of a label's name that many labels have.
const LABEL_SUFFIXES: [&str; 3] = ["id", "name", "uuid"];

/// The metrics of two contracts, to be compared with each other.
pub(super) struct Metrics<'a> {
    /// Helps that do not identify a metric.
    shared_helps: BTreeSet<&'a str>,
}

impl<'a> Metrics<'a> {
    pub(super) fn new(contracts: [&'a OwnedContract; 2]) -> Self {
        let mut shared_helps = BTreeSet::from([""]);
        for contract in contracts {
            let mut known = BTreeSet::new();
            let helps = contract.metrics.iter().map(|metric| metric.help.as_str());
            shared_helps.extend(helps.filter(|help| !known.insert(*help)));
        }
        Self { shared_helps }
    }

    /// Whether the names differ only in spelling and unit.
    pub(super) fn by_name(before: &OwnedMetric, after: &OwnedMetric) -> bool {
        stem_of_metric(before) == stem_of_metric(after) && are_comparable(before, after)
    }

    /// Whether the names share a word, no word became its opposite, and the helps mean the same.
    pub(super) fn by_help(&self, before: &OwnedMetric, after: &OwnedMetric) -> bool {
        let (old, new) = (stem_of_metric(before), stem_of_metric(after));
        let replaced = Replaced::between(&old, &new);
        let is_specific = |word: &&String| *word != "total" && !UNITS.contains(&word.as_str());
        let is_shared = old.iter().filter(is_specific).any(|word| new.contains(word));
        if old == new || !is_shared || replaced.reverses() || !are_comparable(before, after) {
            return false;
        }
        let same_help = before.help == after.help && !self.shared_helps.contains(before.help.as_str());
        same_help || follows(&before.help, &after.help, &replaced)
    }
}

fn are_comparable(before: &OwnedMetric, after: &OwnedMetric) -> bool {
    before.kind == after.kind
        && factor(&before.unit, &after.unit).is_some()
        && share_of_labels(&before.labels, &after.labels) >= SAME_LABELS
}

/// Whether two helps differ only in a word that the name lost or gained too, and contain what replaces it in the name:
/// "GPU KV-cache usage" of `gpu_cache_usage` and "KV-cache usage" of `kv_cache_usage`. If no other word replaces it, it
/// may have been a part of the whole.
fn follows(before: &str, after: &str, replaced: &Replaced) -> bool {
    let helps = Replaced::between(&words(before), &words(after));
    let common: BTreeSet<_> = words(before).into_iter().filter(|word| !helps.gone.contains(word)).collect();
    let lost = (&helps.gone, &helps.new, &replaced.gone, &replaced.new);
    let gained = (&helps.new, &helps.gone, &replaced.new, &replaced.gone);
    let explains = [lost, gained].into_iter().any(|(lost, gained, from, to)| {
        !lost.is_empty() && gained.is_empty() && lost.is_subset(from) && !to.is_empty() && to.is_subset(&common)
    });
    helps.kept >= SAME_HELP && explains
}

/// The factor that converts values of one unit to the other.
pub(super) fn factor(from: &str, to: &str) -> Option<f64> {
    match (from, to) {
        (from, to) if from == to || is_annotation(from, to) => Some(1.0),
        ("seconds", "milliseconds") => Some(1e3),
        ("milliseconds", "seconds") => Some(1e-3),
        ("ratio", "percent") => Some(1e2),
        ("percent", "ratio") => Some(1e-2),
        _ => None,
    }
}

/// Whether both units are a count, and one is annotated: `1` and `{task}`.
pub(super) fn is_annotation(from: &str, to: &str) -> bool {
    let is_noun = |unit: &str| unit.len() > 2 && unit.starts_with('{') && unit.ends_with('}');
    from == "1" && is_noun(to) || is_noun(from) && to == "1"
}

/// Whether two labels have the same values, and names that differ only in spelling.
pub(super) fn label_by_name(before: &OwnedLabel, after: &OwnedLabel) -> bool {
    are_same_values(before, after) && stem_of_label(before) == stem_of_label(after)
}

/// Whether two labels have the same long list of values, and their names are not counterparts such as `src` and `dst`.
pub(super) fn label_by_values(before: &OwnedLabel, after: &OwnedLabel) -> bool {
    let (old, new) = (stem_of_label(before), stem_of_label(after));
    let replaced = Replaced::between(&old, &new);
    // `src_engine` and `dst_engine` share a list of values and are two labels.
    let is_part_replaced = replaced.kept > 0 && !replaced.gone.is_empty() && !replaced.new.is_empty();
    let is_long = matches!(&before.values, OwnedValues::Closed(values) if values.len() >= TELLING_LIST);
    are_same_values(before, after) && is_long && old != new && !is_part_replaced && !replaced.reverses()
}

fn are_same_values(before: &OwnedLabel, after: &OwnedLabel) -> bool {
    let is_empty = matches!(&before.values, OwnedValues::Closed(values) if values.is_empty());
    before.conditional == after.conditional && before.values == after.values && !is_empty
}

/// Whether two values differ only in spelling: `drop-lru` and `DROP_LRU` do, `drop-lru` and `drop-fifo` do not.
pub(super) fn value_by_spelling(before: &str, after: &str) -> bool {
    let spelled = spelling(before);
    !spelled.is_empty() && spelled == spelling(after)
}

/// A metric's name without its unit and its kind's suffix.
fn stem_of_metric(metric: &OwnedMetric) -> Vec<String> {
    let total: &[&str] = if metric.kind == MetricKind::Counter { &["total"] } else { &[] };
    stem(stem(words(&metric.name), total), &UNITS)
}

fn stem_of_label(label: &OwnedLabel) -> Vec<String> {
    stem(words(&label.name), &LABEL_SUFFIXES)
}

/// A name without those words at its end.
fn stem(mut words: Vec<String>, suffixes: &[&str]) -> Vec<String> {
    while words.len() > 1 && words.last().is_some_and(|last| suffixes.contains(&last.as_str())) {
        words.pop();
    }
    words
}

/// The share of labels that two label sets have in common.
fn share_of_labels(before: &[OwnedLabel], after: &[OwnedLabel]) -> f64 {
    let names = |labels: &[OwnedLabel]| -> BTreeSet<String> { labels.iter().map(|label| label.name.clone()).collect() };
    let (before, after) = (names(before), names(after));
    match before.len() + after.len() {
        0 => 1.0,
        all => 2.0 * before.intersection(&after).count() as f64 / all as f64,
    }
}
