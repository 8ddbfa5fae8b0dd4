//! From what a server answered to findings: one rule, one function, in a list.

mod builds;
mod presence;
mod series;
mod types;

use std::collections::BTreeMap;

use super::answer::Row;
use super::survey::{EXAMPLES, Evidence};
use super::{Options, breach};
use crate::finding::Finding;
use crate::owned::{OwnedContract, OwnedMetric};
use crate::report::Report;

type Rule = fn(&Fleet<'_>) -> Vec<Finding>;

const RULES: [&[Rule]; 4] = [presence::RULES, builds::RULES, types::RULES, series::RULES];

/// What a fleet is found to be.
pub(super) fn report(contract: &OwnedContract, options: &Options, evidence: &Evidence) -> Report {
    let fleet = Fleet::new(contract, options, evidence);
    let mut report = Report::on(evidence.series.iter().map(Row::count).sum());
    RULES.iter().flat_map(|rules| rules.iter()).for_each(|rule| report.extend(rule(&fleet)));
    report
}

/// What the rules read.
struct Fleet<'a> {
    contract: &'a OwnedContract,
    options: &'a Options,
    evidence: &'a Evidence,
    fingerprint: String,
    /// The jobs that have something of the contract.
    jobs: BTreeMap<&'a str, Job<'a>>,
}

#[derive(Default)]
struct Job<'a> {
    /// Instances that promise what is checked.
    ours: usize,
    /// Instances that promise something else under the contract's name.
    others: usize,
    /// Other contracts that its processes name.
    foreign: Vec<&'a str>,
    /// Series of the contract's names.
    series: usize,
    /// Instances with a series of a metric, by its main name, those that are judged.
    instances: BTreeMap<&'a str, usize>,
}

impl<'a> Fleet<'a> {
    fn new(contract: &'a OwnedContract, options: &'a Options, evidence: &'a Evidence) -> Self {
        let fingerprint = contract.fingerprint();
        let mut jobs: BTreeMap<&str, Job<'_>> = BTreeMap::new();
        let is_of_contract = |row: &&Row| row.label("contract") == contract.name;
        for row in evidence.builds.iter().filter(is_of_contract) {
            let job = jobs.entry(row.label("job")).or_default();
            let instances = if row.label("fingerprint") == fingerprint { &mut job.ours } else { &mut job.others };
            *instances += row.count();
        }
        for row in &evidence.series {
            jobs.entry(row.label("job")).or_default().series += row.count();
        }
        for row in &evidence.instances {
            let job = jobs.entry(row.label("job")).or_default();
            job.instances.insert(row.label("__name__"), row.count());
        }
        for row in evidence.builds.iter().filter(|row| !is_of_contract(row)) {
            if let Some(job) = jobs.get_mut(row.label("job")) {
                job.foreign.push(row.label("contract"));
            }
        }
        Self { contract, options, evidence, fingerprint, jobs }
    }

    /// The metric of a series' name.
    fn metric(&self, row: &Row) -> Option<&'a OwnedMetric> {
        breach::metric_named(self.contract, row.label("__name__"))
    }
}

impl Job<'_> {
    /// Whether there is anything in it that is held to the contract.
    fn is_judged(&self) -> bool {
        self.ours > 0 || self.others == 0
    }

    /// Whether none of its processes says that it has the contract.
    fn is_silent(&self) -> bool {
        self.ours + self.others == 0
    }
}

/// A job and what it is about, to be allowed by.
fn subject(job: &str, of: &str) -> String {
    format!("{}/{of}", shown(job))
}

/// A job's name, where it has one.
fn shown(job: &str) -> &str {
    if job.is_empty() { "(no job)" } else { job }
}

/// The instances of those rows whose labels are these, a few of them.
fn examples(rows: &[Row], of: &Row, labels: &[&str]) -> Option<String> {
    let same = |row: &&Row| labels.iter().all(|label| row.label(label) == of.label(label));
    let names = rows.iter().filter(same).map(|row| row.label("instance")).filter(|name| !name.is_empty());
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(EXAMPLES);
    (!names.is_empty()).then(|| names.join(", "))
}

/// Examples of what was counted, as `, such as A, B`.
fn such_as(rows: &[Row], of: &Row, labels: &[&str]) -> String {
    examples(rows, of, labels).map_or_else(String::new, |names| format!(", such as {names}"))
}

/// `1 series`, `2 series`; `1 instance`, `2 instances`.
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn instances(count: usize) -> String {
    counted(count, "instance", "instances")
}
