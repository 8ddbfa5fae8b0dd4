//! From the data of a fleet to findings, by rules in the order of the list.

mod builds;
mod presence;
mod series;
mod types;

use std::collections::{BTreeMap, HashMap};

use super::answer::Row;
use super::collect::{FleetData, MAX_EXAMPLES};
use super::{FleetOptions, violation};
use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::report::Report;
use crate::tools::tree::shortened;

type Rule = fn(&Fleet<'_>, &mut Report);

const RULES: [&[Rule]; 4] = [presence::RULES, builds::RULES, types::RULES, series::RULES];

/// The findings of a fleet.
pub(super) fn report(contract: &OwnedContract, options: &FleetOptions, data: &FleetData) -> Report {
    let fleet = Fleet::new(contract, options, data);
    let mut report = Report::on(total(data.series.iter().map(Row::count)));
    RULES.iter().flat_map(|rules| rules.iter()).for_each(|rule| rule(&fleet, &mut report));
    for finding in &mut report.findings {
        finding.subject = plain(&finding.subject);
        finding.message = plain(&finding.message);
    }
    report
}

/// A text from the server, without characters that change its direction or end its line.
fn plain(text: &str) -> String {
    let turns =
        |c| matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c }).collect()
}

/// The beginning of a label's value.
fn short(value: &str) -> String {
    shortened(value, 200)
}

struct Fleet<'a> {
    contract: &'a OwnedContract,
    options: &'a FleetOptions,
    data: &'a FleetData,
    fingerprint: String,
    /// The jobs that have series of the contract, or report it.
    jobs: BTreeMap<&'a str, Job<'a>>,
    /// Targets by job, those that are down, and the jobs that reported the contract lately.
    targets: HashMap<&'a str, usize>,
    down: HashMap<&'a str, usize>,
    lately: HashMap<&'a str, usize>,
}

#[derive(Default)]
struct Job<'a> {
    /// Instances with the contract that is checked.
    ours: usize,
    /// Instances with another contract of the same name.
    others: usize,
    /// The names of other contracts that its processes report.
    foreign: Vec<&'a str>,
    /// Series with the contract's names.
    series: usize,
    /// Instances that are checked, by the name of their series.
    instances: BTreeMap<&'a str, usize>,
}

impl<'a> Fleet<'a> {
    fn new(contract: &'a OwnedContract, options: &'a FleetOptions, data: &'a FleetData) -> Self {
        let fingerprint = contract.fingerprint();
        let mut jobs: BTreeMap<&str, Job<'_>> = BTreeMap::new();
        let is_of_contract = |row: &&Row| row.label("contract") == contract.name;
        for row in data.builds.iter().filter(is_of_contract) {
            let job = jobs.entry(row.label("job")).or_default();
            let instances = if row.label("fingerprint") == fingerprint { &mut job.ours } else { &mut job.others };
            *instances = instances.saturating_add(row.count());
        }
        for row in &data.series {
            let job = jobs.entry(row.label("job")).or_default();
            job.series = job.series.saturating_add(row.count());
        }
        for row in &data.instances {
            let job = jobs.entry(row.label("job")).or_default();
            job.instances.insert(row.label("__name__"), row.count());
        }
        for row in data.builds.iter().filter(|row| !is_of_contract(row)) {
            if let Some(job) = jobs.get_mut(row.label("job")) {
                job.foreign.push(row.label("contract"));
            }
        }
        let [targets, down, lately] = [&data.targets, &data.down, &data.lately].map(by_job);
        Self { contract, options, data, fingerprint, jobs, targets, down, lately }
    }

    fn metric(&self, row: &Row) -> Option<&'a OwnedMetric> {
        violation::metric_named(self.contract, row.label("__name__"))
    }
}

impl Job<'_> {
    /// Whether any of its series are checked.
    fn is_checked(&self) -> bool {
        self.ours > 0 || self.others == 0
    }

    /// Whether none of its processes reports the contract.
    fn is_silent(&self) -> bool {
        self.ours == 0 && self.others == 0
    }
}

/// The subject of a finding about a job, as suppressions match it.
fn subject(job: &str, of: &str) -> String {
    format!("{}/{of}", short(shown(job)))
}

fn shown(job: &str) -> &str {
    if job.is_empty() { "(no job)" } else { job }
}

/// Instances to name as examples, by what they are examples of.
struct Examples<'a> {
    labels: &'static [&'static str],
    by: HashMap<Vec<&'a str>, Vec<&'a Row>>,
}

impl<'a> Examples<'a> {
    fn new(rows: &'a [Row], labels: &'static [&'static str]) -> Self {
        let mut by: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            let examples = by.entry(key(row, labels)).or_default();
            if examples.len() < MAX_EXAMPLES {
                examples.push(row);
            }
        }
        Self { labels, by }
    }

    fn of<'s>(&'s self, row: &'s Row) -> &'s [&'s Row] {
        self.by.get(&key(row, self.labels)).map_or(&[], Vec::as_slice)
    }

    /// Their names, if any.
    fn names(&self, of: &Row) -> Option<String> {
        let mut names: Vec<_> = self.of(of).iter().map(|row| row.label("instance")).collect();
        names.retain(|name| !name.is_empty());
        names.sort_unstable();
        (!names.is_empty()).then(|| names.into_iter().map(short).collect::<Vec<_>>().join(", "))
    }

    /// As `, such as A, B`, or as ` (A, B)` if those are all.
    fn such_as(&self, of: &Row) -> String {
        match self.names(of) {
            Some(names) if self.of(of).len() >= of.count() => format!(" ({names})"),
            Some(names) => format!(", such as {names}"),
            None => String::new(),
        }
    }
}

fn key<'a>(row: &'a Row, labels: &[&str]) -> Vec<&'a str> {
    labels.iter().map(|label| row.label(label)).collect()
}

/// The sum of the counts of each job.
fn by_job<'a>(rows: impl IntoIterator<Item = &'a Row>) -> HashMap<&'a str, usize> {
    let mut counts: HashMap<_, usize> = HashMap::new();
    for row in rows {
        let count = counts.entry(row.label("job")).or_default();
        *count = count.saturating_add(row.count());
    }
    counts
}

/// A sum that saturates, because a server can return any counts.
fn total(counts: impl Iterator<Item = usize>) -> usize {
    counts.fold(0, usize::saturating_add)
}

fn of_job(counts: &HashMap<&str, usize>, job: &str) -> usize {
    counts.get(job).copied().unwrap_or_default()
}

/// `1 instance`, `2 instances`.
fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
