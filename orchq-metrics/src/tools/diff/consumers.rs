//! Which rules and panels a change breaks.

mod downstream;
mod library;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use self::downstream::{Recordings, Told};
use super::{Change, ChangeKind, catalog, compare};
use crate::contract::owned::OwnedContract;
use crate::report::Report;
use crate::report::finding::{Finding, Location};
use crate::tools::rules::{self, Examined, Reader, RulesOptions, Source};

/// Names the rules and panels that are right by the old contract and wrong by the new one, and those that read a
/// metric of which something breaking changed that no query shows. Who reads what one of those records is named too.
///
/// A recording rule in the files that records an old name, as [`Diff::compatibility_rules`](super::Diff) writes them,
/// keeps whoever reads that name whole. What is wrong by both contracts is nothing that the change did, and is left to
/// [`rules::check`]; but a file or a query that cannot be read is a finding here too, because nobody knows what it
/// reads. The report counts queries, and leaves no consumer out, however many there are.
///
/// ```
/// use orchq_metrics::rules::{RulesOptions, Source};
/// use orchq_metrics::{OwnedContract, diff, v1};
///
/// let old = OwnedContract::from(&v1::CONTRACT);
/// let mut new = old.clone();
/// new.metrics.retain(|metric| metric.name != "vram_used_bytes");
///
/// let text = "
/// groups:
///   - name: gpu
///     rules:
///       - alert: VramIsFull
///         expr: sum by (device) (vram_used_bytes) > 80e9
/// ";
/// let report = diff::consumers(&old, &new, &[Source::new("gpu.yml", text)], &RulesOptions::default());
/// let finding = &report.findings[0];
/// assert_eq!((&*finding.rule, finding.location.as_ref().unwrap().line), ("diff-consumer-breaks", 6));
/// assert!(finding.message.starts_with("alert `VramIsFull` in group `gpu` reads `vram_used_bytes`: removed"));
/// ```
#[must_use]
pub fn consumers(old: &OwnedContract, new: &OwnedContract, files: &[Source<'_>], options: &RulesOptions) -> Report {
    let options = options.clone().unused(false);
    let before = rules::examine(old, files, &options);
    let after = rules::examine(new, files, &options);
    let diff = compare(old, new);
    let consumers = Consumers::new([old, new], &diff.changes, &before);
    let mut findings = consumers.gone(&before);
    findings.extend(consumers.wrong(&before, &after, &findings));
    findings.extend(library::unmatched([old, new], &diff.changes, &before.readers));
    let recordings = Recordings::of(&before.readers);
    findings.extend(recordings.broken(&findings));
    findings.extend(consumers.affected(&before, &after, &recordings, &findings));
    findings.extend(after.findings.into_iter().filter(|finding| UNREAD.contains(&&*finding.rule)));
    let order: HashMap<&str, usize> = files.iter().enumerate().map(|(at, file)| (file.name, at)).collect();
    findings.sort_by_key(|finding| {
        let place = finding.location.as_ref();
        place.map(|place| (order.get(place.source.as_str()).copied(), place.line, place.column))
    });
    let mut report = Report::default();
    report.examined = before.queries;
    // Each is somebody whom the change breaks, and so none is left out.
    report.findings = findings;
    report
}

/// The rules of [`rules::check`] by which something was not looked at.
const UNREAD: [&str; 3] = ["rules-unreadable", "promql-syntax", "rules-query-skipped"];

/// The breaking changes, and what the files make up for.
struct Consumers<'a> {
    old: &'a OwnedContract,
    new: &'a OwnedContract,
    /// By the metric's old name, and by the new one where it was renamed.
    changes: BTreeMap<&'a str, Vec<&'a Change>>,
    /// The names that the files record.
    recorded: BTreeSet<&'a str>,
}

impl<'a> Consumers<'a> {
    fn new([old, new]: [&'a OwnedContract; 2], changes: &'a [Change], before: &'a Examined) -> Self {
        let mut by_metric: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
        let breaking = || changes.iter().filter(|change| change.kind == ChangeKind::Breaking);
        for change in breaking() {
            by_metric.entry(change.metric.as_deref().unwrap_or_default()).or_default().push(change);
        }
        for change in breaking().filter(|change| change.rule == catalog::METRIC_RENAMED.rule.id) {
            if let (Some(before), Some(after)) = (&change.metric, &change.after)
                && let Some(changes) = by_metric.get(before.as_str()).cloned()
            {
                by_metric.entry(after).or_insert(changes);
            }
        }
        Self {
            old,
            new,
            changes: by_metric,
            recorded: before.readers.iter().filter_map(|reader| reader.records.as_deref()).collect(),
        }
    }

    /// The change by which one of a metric's series is no longer served under its name.
    fn end_of(&self, metric: &str, series: &str) -> Option<&'a Change> {
        let ends = |change: &&Change| {
            let rule = change.rule;
            rule == catalog::METRIC_REMOVED.rule.id
                || rule == catalog::METRIC_RENAMED.rule.id
                || rule == catalog::KIND_CHANGED.rule.id && self.new.metric_of_series(series).is_none()
        };
        self.changes.get(metric)?.iter().copied().find(ends)
    }

    /// Readers of series that are gone, and that nothing records.
    fn gone(&self, before: &Examined) -> Vec<Finding> {
        let mut findings = Vec::new();
        for reader in &before.readers {
            for (series, place) in reader.series.iter().filter(|(series, _)| !self.recorded.contains(series.as_str())) {
                let Some(metric) = self.old.metric_of_series(series) else { continue };
                let end = self.end_of(&metric.name, series);
                let Some(change) = end.filter(|change| change.metric.as_ref() == Some(&metric.name)) else { continue };
                let message = format!("{} reads `{series}`: {change}", reader.consumer);
                let finding = catalog::CONSUMER_BREAKS.finding(&*metric.name, message);
                findings.push(finding.help(&*change.help).at(place.clone()));
            }
        }
        findings
    }

    /// What is wrong by the new contract alone, apart from what was said.
    fn wrong(&self, before: &Examined, after: &Examined, said: &[Finding]) -> Vec<Finding> {
        let mut known: BTreeMap<_, usize> = BTreeMap::new();
        for finding in &before.findings {
            *known.entry((&*finding.rule, key(finding))).or_default() += 1;
        }
        let said: BTreeSet<_> = said.iter().map(key).collect();
        let mut findings = Vec::new();
        for finding in &after.findings {
            if let Some(count @ 1..) = known.get_mut(&(&*finding.rule, key(finding))) {
                *count -= 1;
            } else if !said.contains(&key(finding)) && !UNREAD.contains(&&*finding.rule) {
                let (message, help) = self.explained(finding);
                let broken = catalog::CONSUMER_BREAKS.finding(&*finding.subject, message).help(help);
                findings.push(Finding { location: finding.location.clone(), ..broken });
            }
        }
        findings
    }

    /// What a finding says and advises, with the changes that are behind it. Where one is known, nothing else is
    /// suggested for what it took away.
    fn explained(&self, finding: &Finding) -> (String, String) {
        let suggestion = finding.message.split_once("; did you mean `");
        let said = suggestion.and_then(|(said, rest)| Some(said.to_owned() + rest.split_once("`?")?.1));
        let causes = self.causes(&finding.subject, said.as_ref().unwrap_or(&finding.message));
        let Some(first) = causes.first() else { return (finding.message.clone(), finding.help.clone()) };
        let all = causes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        match said {
            Some(said) => (format!("{said} ({all})"), first.help.clone()),
            None => (format!("{} ({all})", finding.message), finding.help.clone()),
        }
    }

    /// The changes that are behind what is said of a metric or of one of its series.
    fn causes(&self, subject: &str, message: &str) -> Vec<&'a Change> {
        let metric = self.old.metric_of_series(subject).map_or(subject, |metric| metric.name.as_str());
        let changes = self.changes.get(metric).map(Vec::as_slice).unwrap_or_default();
        let named =
            |change: &&&Change| change.label.as_ref().is_some_and(|label| message.contains(&format!("`{label}`")));
        let named: Vec<_> = changes.iter().filter(named).copied().collect();
        if named.is_empty() { changes.to_vec() } else { named }
    }

    /// Readers of which nothing was said, and that may mean something else.
    fn affected(
        &self,
        before: &Examined,
        after: &Examined,
        recordings: &Recordings<'_>,
        said: &[Finding],
    ) -> Vec<Finding> {
        let told = Told::of(said);
        let mut findings = Vec::new();
        for (reader, now) in before.readers.iter().zip(&after.readers) {
            if told.finding(reader).is_some() {
                continue;
            }
            let own = reader
                .metrics
                .iter()
                .filter_map(|metric| Some((metric.as_str(), format!("`{metric}`"), self.place(reader, metric)?)));
            let recorded = recordings.read_by(reader).filter(|(metric, ..)| !reader.metrics.contains(*metric));
            let recorded = recorded.map(|(metric, series, place)| {
                (metric, format!("`{series}`, which is made of `{metric}`"), place.clone())
            });
            for (metric, what, place) in own.chain(recorded) {
                let changes = self.changes.get(metric).into_iter().flatten().copied();
                let reasons = changes.filter(|change| self.shows(change, metric, reader, now));
                let reasons: Vec<_> = reasons.map(ToString::to_string).collect();
                if !reasons.is_empty() {
                    let message = format!("{} reads {what}: {}", reader.consumer, reasons.join("; "));
                    findings.push(catalog::CONSUMER_AFFECTED.finding(metric, message).at(place));
                }
            }
        }
        findings
    }

    /// Where a metric is read; nowhere, where all of its series that are read are recorded under their names.
    fn place(&self, reader: &Reader, metric: &str) -> Option<Location> {
        let named =
            |series: &str| self.old.metric_of_series(series).map_or(series, |known| known.name.as_str()) == metric;
        let mut series = reader.series.iter().filter(|(series, _)| named(series)).peekable();
        if series.peek().is_none() {
            return Some(reader.place.clone());
        }
        series.find(|(series, _)| !self.recorded.contains(series.as_str())).map(|(_, place)| place.clone())
    }

    /// Whether a reader of the metric can notice a change of it: a change of a label is nothing to who neither names
    /// the label, nor returns it, nor counts, compares or matches series that have it.
    fn shows(&self, change: &Change, metric: &str, reader: &Reader, now: &Reader) -> bool {
        let Some(label) = &change.label else { return true };
        let renamed = change.after.as_ref().filter(|_| change.rule == catalog::LABEL_RENAMED.rule.id);
        let mut names = [Some(label), renamed].into_iter().flatten();
        // Of what is selected by a pattern of names, nothing is known on its way.
        let is_of = |series: &str| self.old.metric_of_series(series).is_some_and(|known| known.name == metric);
        let by_pattern = reader.metrics.contains(metric)
            && !reader.series.iter().any(|(series, _)| is_of(series) || series == metric);
        by_pattern || names.any(|name| reader.names.contains(name) || reader.sees_otherwise(now, name))
    }
}

/// Where a finding is; its subject, where it is nowhere.
fn key(finding: &Finding) -> (&str, usize, usize) {
    match &finding.location {
        Some(place) => (&place.source, place.line, place.column),
        None => (&finding.subject, 0, 0),
    }
}
