//! Which rules and panels a change breaks.

mod downstream;
mod library;

use std::collections::BTreeMap;

use self::downstream::{Recordings, add_downstream};
use super::{Change, ChangeKind, catalog, compare};
use crate::contract::owned::OwnedContract;
use crate::report::Report;
use crate::report::finding::{Finding, Location};
use crate::tools::rules::catalog::{DEPRECATED_METRIC, RENAMED_METRIC};
use crate::tools::rules::{self, AnalyzedQuery, ParsedFile, RulesOptions, Source};

/// Reports the rules and panels that break, and those that still work and read a metric with a breaking change. It also
/// reports the consumers of the series that one of them records.
///
/// A recording rule in the files that records an old name, as [`Diff::compatibility_rules`](super::Diff) writes them,
/// keeps the queries of that name intact. A defect under both contracts is left to [`rules::check`]; but a file or
/// a query that cannot be read is a finding here too, because it may read anything. The report counts queries.
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
    let parsed: Vec<_> = files.iter().map(ParsedFile::new).collect();
    let [before, after] = [old, new].map(|contract| rules::analyze(contract, &parsed, options));
    let diff = compare(old, new);
    let recordings = Recordings::new(&before.queries);
    let consumers = Consumers::new([old, new], &diff.changes, &recordings);
    let pairs = || before.queries.iter().zip(&after.queries);
    let mut broken: Vec<_> = pairs().map(|(before, after)| consumers.broken(before, after)).collect();
    add_downstream(&before.queries, &mut broken);
    let whole = pairs().zip(&broken).filter(|(_, broken)| broken.is_empty());
    let mut findings: Vec<_> = whole.flat_map(|((before, after), _)| consumers.affected(before, after)).collect();
    findings.extend(broken.into_iter().flatten());
    findings.extend(after.unread.into_iter().filter(|finding| UNREAD.contains(&&*finding.rule)));
    rules::sort_by_place(&mut findings, files);
    let mut report = Report::on(before.examined);
    report.extend(findings);
    report
}

/// The rules of [`rules::check`] that report what was not checked.
const UNREAD: [&str; 3] = ["rules-unreadable", "promql-syntax", "rules-query-skipped"];

/// The rules about old names that are no longer served.
const DROPPED: [&str; 2] = [catalog::OLD_NAME_DROPPED.rule.id, catalog::OLD_NAME_DROPPED_EARLY.rule.id];

/// The rules about metrics that are served as before, and that queries are to leave.
const LIFECYCLE: [&str; 2] = [RENAMED_METRIC.id, DEPRECATED_METRIC.id];

/// The breaking changes, and the recording rules that make up for them.
struct Consumers<'a> {
    contracts: [&'a OwnedContract; 2],
    /// With the old names that were dropped as declared. By the metric's name in the old contract, and by the new one
    /// where it was renamed.
    breaking: BTreeMap<&'a str, Vec<&'a Change>>,
    changes: &'a [Change],
    recordings: &'a Recordings<'a>,
}

impl<'a> Consumers<'a> {
    fn new(contracts: [&'a OwnedContract; 2], changes: &'a [Change], recordings: &'a Recordings<'a>) -> Self {
        let mut by_metric: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
        let is_breaking =
            |change: &&Change| change.kind == ChangeKind::Breaking || change.rule == catalog::OLD_NAME_DROPPED.rule.id;
        for change in changes.iter().filter(is_breaking) {
            by_metric.entry(change.metric.as_deref().unwrap_or_default()).or_default().push(change);
        }
        for change in changes.iter().filter(|change| change.rule == catalog::METRIC_RENAMED.rule.id) {
            if let (Some(before), Some(after)) = (&change.metric, &change.after)
                && let Some(changes) = by_metric.get(before.as_str()).cloned()
            {
                by_metric.entry(after).or_insert(changes);
            }
        }
        Self { contracts, breaking: by_metric, changes, recordings }
    }

    /// The name of the old contract's metric that a series belongs to.
    fn metric_of(&self, series: &str) -> Option<&'a str> {
        self.contracts[0].metric_of_series(series).map(|metric| metric.name.as_str())
    }

    /// The change by which one of a metric's series is no longer served under its name.
    fn end_of(&self, metric: &str, series: &str) -> Option<&'a Change> {
        let is_served = || self.contracts[1].metric_of_series(series).is_some();
        let ends = |change: &&Change| {
            let rule = &*change.rule;
            rule == catalog::METRIC_REMOVED.rule.id
                || [catalog::KIND_CHANGED.rule.id].iter().chain(&DROPPED).any(|id| rule == *id) && !is_served()
        };
        let change = self.breaking.get(metric)?.iter().copied().find(ends);
        change.filter(|change| change.metric.as_deref() == Some(metric))
    }

    /// What breaks a query.
    fn broken(&self, before: &AnalyzedQuery, after: &AnalyzedQuery) -> Vec<Finding> {
        let mut findings = self.gone(before);
        findings.extend(self.wrong(before, after, &findings));
        findings.extend(library::unmatched(self.contracts, self.changes, before));
        findings
    }

    /// Series that a query selects, that are gone, and that no rule records.
    fn gone(&self, query: &AnalyzedQuery) -> Vec<Finding> {
        let selected = query.series().filter(|(series, _)| !self.recordings.has(series));
        let gone = selected.filter_map(|(series, location)| {
            let metric = self.metric_of(series)?;
            let change = self.end_of(metric, series)?;
            let message = format!("{} reads `{series}`: {change}", query.consumer);
            Some(catalog::CONSUMER_BREAKS.finding(metric, message).help(&*change.help).at(location.clone()))
        });
        gone.collect()
    }

    /// Defects that only the new contract causes, and not the removal of a series.
    fn wrong(&self, before: &AnalyzedQuery, after: &AnalyzedQuery, gone: &[Finding]) -> Vec<Finding> {
        let mut known: Vec<_> = before.findings.iter().map(|finding| (&finding.rule, &finding.location)).collect();
        let mut findings = Vec::new();
        for finding in &after.findings {
            let place = &finding.location;
            if LIFECYCLE.contains(&&*finding.rule) {
                continue;
            }
            if let Some(index) = known.iter().position(|known| *known == (&finding.rule, place)) {
                known.swap_remove(index);
            } else if !gone.iter().any(|gone| gone.location == *place) {
                let (message, help) = self.explained(finding);
                let broken = catalog::CONSUMER_BREAKS.finding(&*finding.subject, message).help(help);
                findings.push(Finding { location: place.clone(), ..broken });
            }
        }
        findings
    }

    /// A finding's message and help, with the changes that cause it. Where a cause is known, nothing else is suggested
    /// in the place of what it removed.
    fn explained(&self, finding: &Finding) -> (String, String) {
        let suggestion = finding.message.split_once("; did you mean `");
        let without = suggestion.and_then(|(start, rest)| Some(start.to_owned() + rest.split_once("`?")?.1));
        let causes = self.causes(&finding.subject, without.as_ref().unwrap_or(&finding.message));
        let Some(first) = causes.first() else { return (finding.message.clone(), finding.help.clone()) };
        let all = causes.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        match without {
            Some(message) => (format!("{message} ({all})"), first.help.clone()),
            None => (format!("{} ({all})", finding.message), finding.help.clone()),
        }
    }

    /// The changes that cause a finding about a metric or one of its series.
    fn causes(&self, subject: &str, message: &str) -> Vec<&'a Change> {
        let metric = self.metric_of(subject).unwrap_or(subject);
        let changes = self.breaking.get(metric).map(Vec::as_slice).unwrap_or_default();
        let is_named =
            |change: &&&Change| change.label.as_ref().is_some_and(|label| message.contains(&format!("`{label}`")));
        let named: Vec<_> = changes.iter().filter(is_named).copied().collect();
        if named.is_empty() { changes.to_vec() } else { named }
    }

    /// Changes of what a query reads that do not break it, but may change its result.
    fn affected(&self, before: &'a AnalyzedQuery, after: &AnalyzedQuery) -> Vec<Finding> {
        let own = before.metrics.iter();
        let own = own.filter_map(|metric| Some((&**metric, format!("`{metric}`"), self.location(before, metric)?)));
        let recorded = self.recordings.read_by(before).into_iter();
        let recorded = recorded.filter(|(metric, ..)| !before.metrics.contains(*metric));
        let recorded = recorded.map(|(metric, series, location)| {
            (metric, format!("`{series}`, which is made of `{metric}`"), location.clone())
        });
        let findings = own.chain(recorded).filter_map(|(metric, what, location)| {
            let changes = self.breaking.get(metric).into_iter().flatten();
            let noticed = changes.filter(|change| self.notices(before, after, metric, change));
            let reasons: Vec<_> = noticed.map(ToString::to_string).collect();
            let message = format!("{} reads {what}: {}", before.consumer, reasons.join("; "));
            (!reasons.is_empty()).then(|| catalog::CONSUMER_AFFECTED.finding(metric, message).at(location))
        });
        let leave = after.findings.iter().filter(|finding| LIFECYCLE.contains(&&*finding.rule));
        let leave = leave.filter(|finding| !before.findings.contains(finding));
        findings.chain(leave.cloned()).collect()
    }

    /// Where a query reads a metric; nowhere if rules record all series that the query reads of it.
    fn location(&self, query: &AnalyzedQuery, metric: &str) -> Option<Location> {
        let is_of = |series: &str| self.metric_of(series).unwrap_or(series) == metric;
        let mut series = query.series().filter(|(series, _)| is_of(series)).peekable();
        if series.peek().is_none() {
            return Some(query.location.clone());
        }
        series.find(|(series, _)| !self.recordings.has(series)).map(|(_, location)| location.clone())
    }

    /// Whether a query of the metric can notice a change of it. It notices a change of a label only if it names the
    /// label, returns it, or counts, compares or matches series that have it.
    fn notices(&self, before: &AnalyzedQuery, after: &AnalyzedQuery, metric: &str, change: &Change) -> bool {
        let Some(label) = &change.label else { return !DROPPED.contains(&&*change.rule) };
        // The labels of series that are selected by a pattern of names are not known.
        let by_pattern = before.metrics.contains(metric)
            && !before.series().any(|(series, _)| series == metric || self.metric_of(series) == Some(metric));
        by_pattern || before.labels.contains(label) || before.differs(after, label)
    }
}
