//! Who reads what a recording rule makes.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::report::finding::{Finding, Location};
use crate::tools::diff::catalog;
use crate::tools::rules::Reader;

/// Who was told what: a message begins with who asks.
pub(super) struct Told<'a>(Vec<(&'a str, &'a str, &'a Finding)>);

impl<'a> Told<'a> {
    pub(super) fn of(findings: &'a [Finding]) -> Self {
        let placed = |finding: &'a Finding| {
            Some((finding.location.as_ref()?.source.as_str(), finding.message.as_str(), finding))
        };
        let mut told: Vec<_> = findings.iter().filter_map(placed).collect();
        told.sort_by_key(|(source, message, _)| (*source, *message));
        Self(told)
    }

    /// The first that a reader was told.
    pub(super) fn finding(&self, reader: &Reader) -> Option<&'a Finding> {
        let start = format!("{} ", reader.consumer);
        let first =
            self.0.partition_point(|(source, message, _)| (*source, *message) < (&*reader.place.source, &*start));
        let (source, message, finding) = self.0.get(first)?;
        (*source == reader.place.source && message.starts_with(&start)).then_some(finding)
    }
}

/// The names that rules record, who reads them, and what they are made of.
pub(super) struct Recordings<'a> {
    readers: &'a [Reader],
    /// The readers of each, and where they name it.
    read: BTreeMap<&'a str, Vec<(usize, &'a Location)>>,
    /// The metrics of the contract that are behind each.
    made_of: BTreeMap<&'a str, BTreeSet<&'a str>>,
}

impl<'a> Recordings<'a> {
    pub(super) fn of(readers: &'a [Reader]) -> Self {
        let mut made_of: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for reader in readers {
            if let Some(name) = &reader.records {
                made_of.entry(name).or_default().extend(reader.metrics.iter().map(String::as_str));
            }
        }
        let mut read: BTreeMap<&str, Vec<(usize, &Location)>> = BTreeMap::new();
        for (at, reader) in readers.iter().enumerate() {
            for (series, place) in reader.series.iter().filter(|(series, _)| made_of.contains_key(series.as_str())) {
                read.entry(series).or_default().push((at, place));
            }
        }
        let mut recordings = Self { readers, read, made_of };
        let mut next: VecDeque<&str> = recordings.made_of.keys().copied().collect();
        while let Some(name) = next.pop_front() {
            let metrics = recordings.made_of.get(name).cloned().unwrap_or_default();
            for (at, _) in recordings.read.get(name).into_iter().flatten() {
                let Some(recorded) = readers.get(*at).and_then(|reader| reader.records.as_deref()) else { continue };
                let known = recordings.made_of.entry(recorded).or_default();
                let before = known.len();
                known.extend(&metrics);
                if known.len() > before {
                    next.push_back(recorded);
                }
            }
        }
        recordings
    }

    /// The metrics that a reader reads under recorded names: the metric, the name, and where it stands.
    pub(super) fn read_by(&self, reader: &'a Reader) -> impl Iterator<Item = (&'a str, &'a str, &'a Location)> {
        let mut said = BTreeSet::new();
        let series = reader
            .series
            .iter()
            .filter_map(|(series, place)| Some((series, place, self.made_of.get(series.as_str())?)));
        let all = series
            .flat_map(|(series, place, metrics)| metrics.iter().map(move |metric| (*metric, series.as_str(), place)));
        all.filter(|(metric, ..)| said.insert(*metric)).collect::<Vec<_>>().into_iter()
    }

    /// Who reads what is recorded by somebody who breaks, however many rules are between them.
    pub(super) fn broken(&self, said: &[Finding]) -> Vec<Finding> {
        let told = Told::of(said);
        let mut broken: BTreeMap<&str, (&str, &str)> = BTreeMap::new();
        for reader in self.readers {
            if let (Some(name), Some(finding)) = (&reader.records, told.finding(reader)) {
                let why = finding.message.strip_prefix(&*reader.consumer).unwrap_or(&finding.message);
                broken.entry(name).or_insert((&finding.subject, why.trim_start()));
            }
        }
        let mut next: VecDeque<&str> = broken.keys().copied().collect();
        let mut findings = Vec::new();
        let mut done = BTreeSet::new();
        while let Some(name) = next.pop_front() {
            let Some(&(subject, why)) = broken.get(name) else { continue };
            for (at, place) in self.read.get(name).into_iter().flatten() {
                let reader = self.readers.get(*at).filter(|reader| told.finding(reader).is_none());
                let Some(reader) = reader.filter(|_| done.insert(*at)) else { continue };
                let message = format!("{} reads `{name}`, whose recording rule {why}", reader.consumer);
                let help = format!("mend the recording rule of `{name}`, or read something else");
                findings.push(catalog::CONSUMER_BREAKS.finding(subject, message).help(help).at((*place).clone()));
                if let Some(recorded) = reader.records.as_deref().filter(|recorded| !broken.contains_key(recorded)) {
                    broken.insert(recorded, (subject, why));
                    next.push_back(recorded);
                }
            }
        }
        findings
    }
}
