//! What scrapes said of families, and how a server keeps histograms.

use std::collections::BTreeMap;

use super::{Fleet, Rule, subject};
use crate::desc::MetricKind;
use crate::finding::Finding;
use crate::fleet::catalog::series as catalog;
use crate::lint::spelling::shown;
use crate::lint::words;
use crate::owned::{HISTOGRAM_SUFFIXES, OwnedMetric};
use crate::scrape::float;

pub(super) const RULES: &[Rule] = &[metadata_missing, family_type, help, native_histogram, histogram_parts, buckets];

/// How many bounds are listed in a message.
const SHOWN: usize = 10;

/// Types that say no more than that none was stated.
const NOT_STATED: [&str; 3] = ["", "unknown", "untyped"];

/// The server keeps types.
fn metadata_missing(fleet: &Fleet<'_>) -> Vec<Finding> {
    let mut known = fleet.evidence.metadata.values().flatten();
    let asked = !fleet.evidence.metadata.is_empty();
    if !asked || known.any(|known| !NOT_STATED.contains(&known.kind.as_str())) {
        return Vec::new();
    }
    let message = "the server knows the type of none of its metrics, so that types were not checked";
    vec![catalog::METADATA_MISSING.finding(&fleet.contract.name, message)]
}

/// No scrape said that a family is of another type.
fn family_type(fleet: &Fleet<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for metric in &fleet.contract.metrics {
        let known = fleet.evidence.metadata.get(&metric.name).into_iter().flatten();
        let expected = metric.kind.as_str();
        let mut other: Vec<_> = known.map(|known| known.kind.as_str()).collect();
        other.retain(|kind| *kind != expected && !NOT_STATED.contains(kind));
        other.sort_unstable();
        other.dedup();
        if !other.is_empty() {
            let message = format!("some target exposes it as a {}; expected a {expected}", other.join(", and as a "));
            findings.push(catalog::TYPE.finding(&metric.name, message));
        }
    }
    findings
}

/// No scrape said of a family what the contract does not.
fn help(fleet: &Fleet<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for metric in &fleet.contract.metrics {
        let mut known = fleet.evidence.metadata.get(&metric.name).into_iter().flatten();
        if known.any(|known| !known.help.is_empty() && known.help != metric.help) {
            let message = format!("the help of some target is not the contract's, which is {:?}", metric.help);
            findings.push(catalog::HELP.finding(&metric.name, message));
        }
    }
    findings
}

/// The histograms that a job has, with the parts that are there.
fn parts<'f>(fleet: &'f Fleet<'_>) -> impl Iterator<Item = (&'f str, &'f OwnedMetric, Parts)> {
    let histograms = || fleet.contract.metrics.iter().filter(|metric| metric.kind == MetricKind::Histogram);
    let jobs = fleet.jobs.iter().filter(|(_, job)| job.is_judged());
    jobs.flat_map(move |(name, job)| {
        histograms().map(move |metric| {
            let is_there = |name: &str| job.instances.contains_key(name);
            let there = HISTOGRAM_SUFFIXES.map(|suffix| is_there(&[metric.name.as_str(), suffix].concat()));
            (*name, metric, Parts { native: is_there(&metric.name), there })
        })
    })
}

struct Parts {
    native: bool,
    /// In the order of [`HISTOGRAM_SUFFIXES`].
    there: [bool; 3],
}

/// A histogram is kept as its buckets.
fn native_histogram(fleet: &Fleet<'_>) -> Vec<Finding> {
    let native = parts(fleet).filter(|(_, _, parts)| parts.native && parts.there == [false; 3]);
    let finding = |(job, metric, _): (&str, &OwnedMetric, Parts)| {
        let message = format!("it is kept as a native histogram, without `{}_bucket`", metric.name);
        catalog::NATIVE_HISTOGRAM.finding(subject(job, &metric.name), message)
    };
    native.map(finding).collect()
}

/// A histogram has all its parts.
fn histogram_parts(fleet: &Fleet<'_>) -> Vec<Finding> {
    let lacking = parts(fleet).filter(|(_, _, parts)| parts.there.contains(&true) && parts.there.contains(&false));
    let finding = |(job, metric, parts): (&str, &OwnedMetric, Parts)| {
        let [lacks, has] = [false, true].map(|there| {
            let names = HISTOGRAM_SUFFIXES.iter().zip(parts.there).filter(|(_, known)| *known == there);
            names.map(|(suffix, _)| format!("`{}{suffix}`", metric.name)).collect::<Vec<_>>().join(" and ")
        });
        catalog::HISTOGRAM_PARTS.finding(subject(job, &metric.name), format!("the job has {has}, and not {lacks}"))
    };
    lacking.map(finding).collect()
}

/// A histogram has the contract's buckets, on each of its series.
fn buckets(fleet: &Fleet<'_>) -> Vec<Finding> {
    // By job and metric: how many series have a bound, by its number. How it is spelled is the server's affair.
    let mut all: BTreeMap<(&str, &str), Bounds> = BTreeMap::new();
    for row in &fleet.evidence.buckets {
        let Some(metric) = fleet.metric(row).filter(|metric| !metric.buckets.is_empty()) else { continue };
        let bounds = all.entry((row.label("job"), &metric.name)).or_default();
        match float(row.label("le")).filter(|bound| !bound.is_nan()) {
            Some(bound) => match bounds.known.iter_mut().find(|(known, _)| *known == bound) {
                Some((_, count)) => *count += row.count(),
                None => bounds.known.push((bound, row.count())),
            },
            None => bounds.wrong.push(format!("`le={:?}`", row.label("le"))),
        }
    }
    let mut findings = Vec::new();
    for ((job, name), bounds) in all {
        let Some(metric) = fleet.contract.metric(name) else { continue };
        let expected: Vec<f64> = metric.buckets.iter().copied().chain([f64::INFINITY]).collect();
        let series = bounds.known.iter().map(|(_, count)| *count).max().unwrap_or_default();
        let mut strange: Vec<_> = bounds.known.iter().filter(|(bound, _)| !expected.contains(bound)).collect();
        strange.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let strange = strange.into_iter().map(|(bound, count)| format!("`le` {} on {count} series", shown(*bound)));
        let strange: Vec<_> = strange.chain(bounds.wrong).collect();
        let with = |bound: &f64| bounds.known.iter().find(|(known, _)| known == bound).map_or(0, |(_, count)| *count);
        let missing = expected.iter().filter(|bound| with(bound) < series).map(|bound| match with(bound) {
            0 => format!("`le` {}", shown(*bound)),
            with => format!("`le` {} on {} of {series} series", shown(*bound), series - with),
        });
        let missing: Vec<_> = missing.collect();
        let says = [("has", strange), ("lacks", missing)].into_iter().filter(|(_, list)| !list.is_empty());
        let says: Vec<_> = says.map(|(verb, list)| format!("{verb} {}", few(&list))).collect();
        if !says.is_empty() {
            let finding = catalog::BUCKETS.finding(subject(job, name), format!("the job {}", says.join(", and ")));
            findings.push(finding.help(words::buckets_help(&metric.buckets)));
        }
    }
    findings
}

#[derive(Default)]
struct Bounds {
    known: Vec<(f64, usize)>,
    wrong: Vec<String>,
}

/// A list that is not too long.
fn few(list: &[String]) -> String {
    match list.get(..SHOWN).filter(|_| list.len() > SHOWN) {
        Some(shown) => format!("{}, and {} more", shown.join(", "), list.len() - SHOWN),
        None => list.join(", "),
    }
}
