//! Whether one thing has become another under a new name.
//!
//! Of a metric that is taken for another, a recording rule is written that serves wrong numbers under a name that
//! people trust; one that is not recognised is gone and new, which breaks the same consumers and misleads none. So what
//! is not plainly a rename is none.

use std::collections::BTreeSet;

use super::words::{Replaced, spelling, words};
use crate::contract::owned::OwnedContract;
use crate::contract::owned::OwnedLabel;
use crate::contract::owned::OwnedMetric;
use crate::contract::owned::OwnedValues;
use crate::declare::desc::MetricKind;

/// How plainly one thing is another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    /// It is called otherwise, and what else is said of it is the same.
    Meaning,
    /// It has the same name, spelled otherwise.
    Spelling,
}

/// The share of labels that a metric must have in common with what it was.
const SAME_LABELS: f64 = 0.5;

/// How many words two helps must share to be one, told otherwise.
const SAME_HELP: usize = 3;

/// How many values a list has that is not the same by chance.
const TELLING_LIST: usize = 3;

/// Words at the end of a metric's name that say its unit.
const UNITS: [&str; 9] = ["ms", "millisecond", "us", "microsecond", "second", "byte", "ratio", "percent", "perc"];

/// Words at the end of a label's name that many labels have.
const LABEL_SUFFIXES: [&str; 3] = ["id", "name", "uuid"];

/// The metrics of two contracts, to be compared with each other.
pub(super) struct Metrics<'a> {
    /// Helps that say nothing of which metric it is.
    shared_helps: BTreeSet<&'a str>,
}

impl<'a> Metrics<'a> {
    pub(super) fn of(contracts: [&'a OwnedContract; 2]) -> Self {
        let mut shared_helps = BTreeSet::from([""]);
        for contract in contracts {
            let mut said = BTreeSet::new();
            let helps = contract.metrics.iter().map(|metric| metric.help.as_str());
            shared_helps.extend(helps.filter(|help| !said.insert(*help)));
        }
        Self { shared_helps }
    }

    /// Whether a metric that is gone is this new one: their names are one, or their helps are and no word of the name
    /// became its opposite.
    pub(super) fn likeness(&self, before: &OwnedMetric, after: &OwnedMetric) -> Option<Likeness> {
        let comparable = before.kind == after.kind && factor(&before.unit, &after.unit).is_some();
        if !comparable || share_of_labels(&before.labels, &after.labels) < SAME_LABELS {
            return None;
        }
        let names = (stem_of_metric(before), stem_of_metric(after));
        if names.0 == names.1 {
            return Some(Likeness::Spelling);
        }
        let replaced = Replaced::between(&names.0, &names.1);
        let tells = |word: &&String| *word != "total" && !UNITS.contains(&word.as_str());
        let is_shared = names.0.iter().filter(tells).any(|word| names.1.contains(word));
        if !is_shared || replaced.reverses() {
            return None;
        }
        let same_help = before.help == after.help && !self.shared_helps.contains(before.help.as_str());
        (same_help || follows(&before.help, &after.help, &replaced)).then_some(Likeness::Meaning)
    }
}

/// Whether two helps are one but for a word that the name lost or gained too, and tell of what replaces it in the name:
/// "GPU KV-cache usage" of `gpu_cache_usage` and "KV-cache usage" of `kv_cache_usage`. Where no other word replaces it,
/// it may have been a part of the whole.
fn follows(before: &str, after: &str, replaced: &Replaced) -> bool {
    let helps = Replaced::between(&words(before), &words(after));
    let common: BTreeSet<_> = words(before).into_iter().filter(|word| !helps.gone.contains(word)).collect();
    let told = |lost: &BTreeSet<String>, gained: &BTreeSet<String>, from: &BTreeSet<String>, to: &BTreeSet<String>| {
        !lost.is_empty() && gained.is_empty() && lost.is_subset(from) && !to.is_empty() && to.is_subset(&common)
    };
    helps.kept >= SAME_HELP
        && (told(&helps.gone, &helps.new, &replaced.gone, &replaced.new)
            || told(&helps.new, &helps.gone, &replaced.new, &replaced.gone))
}

/// The number by which values of one unit become those of the other.
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

/// Whether two units are a count, and one of them says of what: `1` and `{task}`.
pub(super) fn is_annotation(from: &str, to: &str) -> bool {
    let is_noun = |unit: &str| unit.len() > 2 && unit.starts_with('{') && unit.ends_with('}');
    from == "1" && is_noun(to) || is_noun(from) && to == "1"
}

/// Whether a label that is gone is this new one.
pub(super) fn of_labels(before: &OwnedLabel, after: &OwnedLabel) -> Option<Likeness> {
    if before.conditional != after.conditional || before.values != after.values {
        return None;
    }
    let names = (stem(words(&before.name), &LABEL_SUFFIXES), stem(words(&after.name), &LABEL_SUFFIXES));
    let OwnedValues::Closed(values) = &before.values else {
        // Budgets are often equal by chance.
        return (names.0 == names.1).then_some(Likeness::Spelling);
    };
    if names.0 == names.1 {
        return (!values.is_empty()).then_some(Likeness::Spelling);
    }
    let replaced = Replaced::between(&names.0, &names.1);
    // A list that is told by its values is known again under another name, but one of two that are called alike but
    // for a word (`src_engine`, `dst_engine`) is not the other.
    let is_part_replaced = replaced.kept > 0 && !replaced.gone.is_empty() && !replaced.new.is_empty();
    let is_other = is_part_replaced || replaced.reverses();
    (values.len() >= TELLING_LIST && !is_other).then_some(Likeness::Meaning)
}

/// Whether a value that is gone is this new one: `drop-lru` and `DROP_LRU` are one, `drop-fifo` is another, though most
/// of its letters are the same.
pub(super) fn of_values(before: &str, after: &str) -> Option<Likeness> {
    let spelled = spelling(before);
    (!spelled.is_empty() && spelled == spelling(after)).then_some(Likeness::Spelling)
}

/// A metric's name without its unit and what says its kind.
fn stem_of_metric(metric: &OwnedMetric) -> Vec<String> {
    let total: &[&str] = if metric.kind == MetricKind::Counter { &["total"] } else { &[] };
    stem(stem(words(&metric.name), total), &UNITS)
}

/// A name without words at its end that say nothing of what it is.
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
