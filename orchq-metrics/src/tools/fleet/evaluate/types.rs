//! The rules of metadata, and of how a server keeps histograms.

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::{Fleet, Job, Rule};
use super::text::{counted, short, subject};
use crate::contract::owned::{HISTOGRAM_SUFFIXES, OwnedMetric};
use crate::declare::desc::MetricKind;
use crate::report::Report;
use crate::report::finding::Severity;
use crate::tools::fleet::answer::{Metadata, TargetMetadata};
use crate::tools::fleet::catalog::series as catalog;
use crate::tools::fleet::collect::MAX_EXAMPLES;
use crate::tools::lint::messages;
use crate::tools::scrape::number::{float, shown};

pub(super) const RULES: &[Rule] = &[metadata_missing, family_type, help, native_histogram, histogram_parts, buckets];

/// How many bounds are listed in a message.
const MAX_SHOWN: usize = 10;

/// How many distinct bounds of a histogram are compared.
const MAX_BOUNDS: usize = 1_000;

fn metadata_missing(fleet: &Fleet<'_>, report: &mut Report) {
    let known = &fleet.data.metadata;
    if !known.is_empty() && !known.values().flatten().any(Metadata::has_type) {
        let message = "the server does not know the type of any of its metrics, so types were not checked";
        report.push(catalog::METADATA_MISSING.finding(&fleet.contract.name, message));
    }
}

impl Fleet<'_> {
    /// Why an unknown target may be one that is not checked.
    fn doubt(&self) -> Option<&'static str> {
        if !self.options.jobs.is_empty() || self.options.selector.is_some() {
            return Some("; the target may not be selected");
        }
        let has_others = self.jobs.values().any(|job| job.others > 0);
        has_others.then_some("; the target may have another version, which is not checked")
    }
}

/// Metadata that contradicts the contract.
struct Contradiction<'f> {
    metric: &'f OwnedMetric,
    subject: String,
    who: String,
    is_one: bool,
    /// The distinct texts that contradict it.
    texts: BTreeSet<&'f str>,
    /// Why the target may be one that is not checked.
    doubt: Option<&'static str>,
}

/// The metadata that contradicts the contract in its `text`: by job, or for the server as a whole if it does not keep
/// the targets.
fn contradictions<'f>(
    fleet: &'f Fleet<'_>,
    is_wrong: fn(&Metadata, &OwnedMetric) -> bool,
    text: fn(&Metadata) -> &str,
) -> Vec<Contradiction<'f>> {
    let mut all = Vec::new();
    for metric in &fleet.contract.metrics {
        let Some(targets) = fleet.data.targets_metadata.get(&metric.name) else {
            let known = fleet.data.metadata.get(&metric.name).into_iter().flatten();
            let texts: BTreeSet<_> = known.filter(|known| is_wrong(known, metric)).map(text).collect();
            if !texts.is_empty() {
                let (subject, who) = (metric.name.clone(), "some target of the server".to_owned());
                all.push(Contradiction { metric, subject, who, is_one: true, texts, doubt: fleet.doubt() });
            }
            continue;
        };
        let label = |target: &'f TargetMetadata, name| target.target.get(name).map_or("", String::as_str);
        // It has another version, whose contract may differ.
        let is_other = |target: &'f TargetMetadata| {
            let instance = (label(target, "job").to_owned(), label(target, "instance").to_owned());
            fleet.data.other_instances.contains(&instance)
        };
        let mut of_jobs: BTreeMap<&str, Vec<&TargetMetadata>> = BTreeMap::new();
        for target in targets.iter().filter(|target| is_wrong(&target.metadata, metric) && !is_other(target)) {
            of_jobs.entry(label(target, "job")).or_default().push(target);
        }
        of_jobs.retain(|job, _| fleet.jobs.get(job).is_some_and(Job::is_checked));
        for (job, targets) in of_jobs {
            let names = targets.iter().take(MAX_EXAMPLES).map(|target| short(label(target, "instance")));
            let names = names.collect::<Vec<_>>().join(", ");
            let more = if targets.len() > MAX_EXAMPLES { " and others" } else { "" };
            let who = format!("{} ({names}{more})", counted(targets.len(), "target"));
            let (subject, is_one) = (subject(job, &metric.name), targets.len() == 1);
            let texts = targets.iter().map(|target| text(&target.metadata)).collect();
            all.push(Contradiction { metric, subject, who, is_one, texts, doubt: None });
        }
    }
    all
}

fn family_type(fleet: &Fleet<'_>, report: &mut Report) {
    let other = contradictions(fleet, Metadata::is_another_type, |known| &known.kind);
    for Contradiction { metric, subject, who, is_one, texts, doubt } in other {
        let (expected, expose) = (metric.kind.as_str(), if is_one { "exposes" } else { "expose" });
        let found = texts.into_iter().collect::<Vec<_>>().join(" and a ");
        let message = format!("{who} {expose} it as a {found}; expected a {expected}{}", doubt.unwrap_or_default());
        let mut finding = catalog::TYPE.finding(subject, message);
        if doubt.is_some() {
            finding.severity = Severity::Warning;
        }
        report.push(finding);
    }
}

fn help(fleet: &Fleet<'_>, report: &mut Report) {
    let other = contradictions(fleet, Metadata::is_another_help, |known| &known.help);
    for Contradiction { metric, subject, who, .. } in other {
        let message = format!("the help of {who} differs from the contract's, which is {:?}", metric.served_help());
        report.push(catalog::HELP.finding(subject, message));
    }
}

/// The histograms of each job, with whether each of the [`HISTOGRAM_SUFFIXES`] is there.
fn parts<'f>(fleet: &'f Fleet<'_>) -> impl Iterator<Item = (&'f str, &'f Job<'f>, &'f OwnedMetric, [bool; 3])> {
    let histograms = || fleet.contract.metrics.iter().filter(|metric| metric.kind == MetricKind::Histogram);
    let jobs = fleet.jobs.iter().filter(|(_, job)| job.is_checked());
    jobs.flat_map(move |(name, job)| {
        histograms().map(move |metric| {
            let is_there = |suffix| job.instances.contains_key([metric.name.as_str(), suffix].concat().as_str());
            (*name, job, metric, HISTOGRAM_SUFFIXES.map(is_there))
        })
    })
}

fn native_histogram(fleet: &Fleet<'_>, report: &mut Report) {
    for (name, job, metric, there) in parts(fleet) {
        if there == [false; 3] && job.instances.contains_key(metric.name.as_str()) {
            let message = format!("the server stores it as a native histogram, without `{}_bucket`", metric.name);
            report.push(catalog::NATIVE_HISTOGRAM.finding(subject(name, &metric.name), message));
        }
    }
}

fn histogram_parts(fleet: &Fleet<'_>, report: &mut Report) {
    for (job, _, metric, there) in parts(fleet).filter(|(.., there)| there.contains(&true) && there.contains(&false)) {
        let [lacks, has] = [false, true].map(|wanted| {
            let names = HISTOGRAM_SUFFIXES.iter().zip(there).filter(|(_, there)| *there == wanted);
            names.map(|(suffix, _)| format!("`{}{suffix}`", metric.name)).collect::<Vec<_>>().join(" and ")
        });
        let message = format!("the job has {has}, and not {lacks}");
        report.push(catalog::HISTOGRAM_PARTS.finding(subject(job, &metric.name), message));
    }
}

/// A histogram has the contract's buckets, on each of its series.
fn buckets(fleet: &Fleet<'_>, report: &mut Report) {
    // By job and metric: how many series have a bound, by its number. Servers differ in the spelling.
    let mut all: BTreeMap<(&str, &str), Bounds> = BTreeMap::new();
    for row in &fleet.data.buckets {
        let Some(metric) = fleet.metric(row).filter(|metric| !metric.buckets.is_empty()) else { continue };
        let bounds = all.entry((row.label("job"), &metric.name)).or_default();
        let is_full = bounds.known.len() >= MAX_BOUNDS;
        match float(row.label("le")).filter(|bound| !bound.is_nan() && !is_full) {
            Some(bound) => match bounds.known.iter_mut().find(|(known, _)| *known == bound) {
                Some((_, count)) => *count = count.saturating_add(row.count()),
                None => bounds.known.push((bound, row.count())),
            },
            None if is_full || bounds.wrong.len() >= MAX_BOUNDS => {}
            None => bounds.wrong.push(format!("`le={:?}`", short(row.label("le")))),
        }
    }
    for ((job, name), bounds) in all {
        let Some(metric) = fleet.contract.metric(name) else { continue };
        // The bucket of all observations comes first, because every quantile needs it.
        let expected: Vec<f64> = [f64::INFINITY].into_iter().chain(metric.buckets.iter().copied()).collect();
        let series = bounds.known.iter().map(|(_, count)| *count).max().unwrap_or_default();
        let mut unexpected: Vec<_> = bounds.known.iter().filter(|(bound, _)| !expected.contains(bound)).collect();
        unexpected.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let unexpected = unexpected.into_iter().map(|(bound, count)| format!("{} on {count} series", le(*bound)));
        let unexpected: Vec<_> = unexpected.chain(bounds.wrong).collect();
        let with = |bound: &f64| bounds.known.iter().find(|(known, _)| known == bound).map_or(0, |(_, count)| *count);
        let missing = expected.iter().filter(|bound| with(bound) < series).map(|bound| match with(bound) {
            0 => le(*bound),
            with => format!("{} on {} of {series} series", le(*bound), series - with),
        });
        let missing: Vec<_> = missing.collect();
        let says = [("has the buckets", unexpected), ("lacks the buckets", missing)];
        let says = says.into_iter().filter(|(_, list)| !list.is_empty());
        let says: Vec<_> = says.map(|(verb, list)| format!("{verb} {}", few(&list))).collect();
        if !says.is_empty() {
            let finding = catalog::BUCKETS.finding(subject(job, name), format!("the job {}", says.join(", and ")));
            report.push(finding.help(messages::buckets_help(&metric.buckets)));
        }
    }
}

/// A bound as its label.
fn le(bound: f64) -> String {
    format!("`le=\"{}\"`", shown(bound))
}

#[derive(Default)]
struct Bounds {
    known: Vec<(f64, usize)>,
    wrong: Vec<String>,
}

/// A list that is not too long.
fn few(list: &[String]) -> String {
    match list.get(..MAX_SHOWN).filter(|_| list.len() > MAX_SHOWN) {
        Some(shown) => format!("{}, and {} more", shown.join(", "), list.len() - MAX_SHOWN),
        None => list.join(", "),
    }
}
