//! How likely one name has become another.

use std::collections::BTreeSet;

use crate::{OwnedLabel, OwnedMetric, OwnedValues};

/// How alike two metrics must be, from 0 to 1, for one to be the other under a new name.
///
/// What is renamed by mistake of this number is reported as a rename and would have been a removal;
/// both break the same consumers. It is high, because a recording rule is written for a rename.
const SAME_METRIC: f64 = 0.72;

/// How alike the names of two labels with the same open values must be: budgets are often equal by chance.
const SAME_LABEL: f64 = 0.6;

/// How alike two spellings of each word of a value must be.
const SAME_WORD: f64 = 0.75;

/// Words of a metric's name that say its kind or its unit, and nothing of what it is.
const METRIC_SUFFIXES: &[&str] =
    &["total", "ms", "milliseconds", "us", "seconds", "bytes", "ratio", "percent", "perc", "tokens", "count", "info"];

/// Words of a label's name that many labels have.
const LABEL_SUFFIXES: &[&str] = &["id", "name", "uuid", "version"];

/// How likely a metric that is gone is this new one: half by its name, a third by its help, the rest by its labels.
pub(super) fn of_metrics(before: &OwnedMetric, after: &OwnedMetric) -> Option<f64> {
    if before.kind != after.kind || !units_convert(&before.unit, &after.unit) {
        return None;
    }
    let labels = of_label_sets(&before.labels, &after.labels);
    let name = of_names(stem(&before.name, METRIC_SUFFIXES), stem(&after.name, METRIC_SUFFIXES));
    let same_help = !before.help.is_empty() && before.help == after.help;
    if same_help && labels == 1.0 {
        return Some(SAME_METRIC + (1.0 - SAME_METRIC) * name);
    }
    let likeness = 0.5 * name + 0.3 * of_words(&before.help, &after.help) + 0.2 * labels;
    (likeness >= SAME_METRIC).then_some(likeness)
}

/// The number by which values of one unit become those of the other.
pub(super) fn factor(from: &str, to: &str) -> Option<f64> {
    match (from, to) {
        (from, to) if from == to => Some(1.0),
        ("seconds", "milliseconds") => Some(1e3),
        ("milliseconds", "seconds") => Some(1e-3),
        ("ratio", "percent") => Some(1e2),
        ("percent", "ratio") => Some(1e-2),
        _ => None,
    }
}

fn units_convert(before: &str, after: &str) -> bool {
    factor(before, after).is_some()
}

/// How likely a label that is gone is this new one.
pub(super) fn of_labels(before: &OwnedLabel, after: &OwnedLabel) -> Option<f64> {
    if before.conditional != after.conditional {
        return None;
    }
    let name = of_names(stem(&before.name, LABEL_SUFFIXES), stem(&after.name, LABEL_SUFFIXES));
    match (&before.values, &after.values) {
        // A list of values is hardly the same by chance, whatever the names are.
        (OwnedValues::Closed(one), OwnedValues::Closed(other)) if one == other && !one.is_empty() => Some(1.0 + name),
        (one, other) if one == other && name >= SAME_LABEL => Some(name),
        _ => None,
    }
}

/// How likely a value that is gone is this new one: `drop-lru` and `DROP_LRU` are one, `drop-fifo` is another, though
/// most of its letters are the same.
pub(super) fn of_values(before: &str, after: &str) -> Option<f64> {
    let (before, after): (Vec<_>, Vec<_>) = (words(before).collect(), words(after).collect());
    if !before.is_empty() && before.concat() == after.concat() {
        return Some(1.0);
    }
    let alike = before.iter().zip(&after).map(|(one, other)| strsim::normalized_damerau_levenshtein(one, other));
    let least = alike.min_by(f64::total_cmp)?;
    (before.len() == after.len() && least >= SAME_WORD).then_some(least)
}

/// A name without words at its end that say nothing of what it is.
fn stem<'a>(name: &'a str, suffixes: &[&str]) -> &'a str {
    let mut stem = name;
    while let Some((rest, last)) = stem.rsplit_once('_') {
        if rest.is_empty() || !suffixes.contains(&last) {
            break;
        }
        stem = rest;
    }
    stem
}

/// How alike two names are: letter by letter or word by word, whichever finds more.
fn of_names(before: &str, after: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(before, after).max(of_words(before, after))
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The share of words that two texts have in common.
fn of_words(before: &str, after: &str) -> f64 {
    let set = |text| words(text).collect();
    share(&set(before), &set(after))
}

/// The share of labels that two label sets have in common.
fn of_label_sets(before: &[OwnedLabel], after: &[OwnedLabel]) -> f64 {
    let names = |labels: &[OwnedLabel]| -> BTreeSet<String> { labels.iter().map(|label| label.name.clone()).collect() };
    share(&names(before), &names(after))
}

fn share(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    match one.len() + other.len() {
        0 => 1.0,
        all => 2.0 * one.intersection(other).count() as f64 / all as f64,
    }
}
