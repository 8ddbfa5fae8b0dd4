//! The data of a fleet, by job.

use std::collections::{BTreeMap, HashMap};

use crate::contract::owned::{OwnedContract, OwnedMetric};
use crate::report::Report;
use crate::tools::fleet::answer::Row;
use crate::tools::fleet::collect::FleetData;
use crate::tools::fleet::options::FleetOptions;
use crate::tools::fleet::violation;

/// Reports what is wrong in a fleet.
pub(super) type Rule = fn(&Fleet<'_>, &mut Report);

pub(super) struct Fleet<'a> {
    pub(super) contract: &'a OwnedContract,
    pub(super) options: &'a FleetOptions,
    pub(super) data: &'a FleetData,
    pub(super) fingerprint: String,
    /// The jobs that have series of the contract, or report it.
    pub(super) jobs: BTreeMap<&'a str, Job<'a>>,
    /// Targets by job, those that are down, and the jobs that reported the contract lately.
    pub(super) targets: HashMap<&'a str, usize>,
    pub(super) down: HashMap<&'a str, usize>,
    pub(super) lately: HashMap<&'a str, usize>,
}

#[derive(Default)]
pub(super) struct Job<'a> {
    /// Instances with the contract that is checked.
    pub(super) ours: usize,
    /// Instances with another contract of the same name.
    pub(super) others: usize,
    /// The names of other contracts that its processes report.
    pub(super) foreign: Vec<&'a str>,
    /// Series with the contract's names.
    pub(super) series: usize,
    /// Instances that are checked, by the name of their series.
    pub(super) instances: BTreeMap<&'a str, usize>,
}

impl<'a> Fleet<'a> {
    pub(super) fn new(contract: &'a OwnedContract, options: &'a FleetOptions, data: &'a FleetData) -> Self {
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

    pub(super) fn metric(&self, row: &Row) -> Option<&'a OwnedMetric> {
        violation::metric_named(self.contract, row.label("__name__"))
    }
}

impl Job<'_> {
    /// Whether any of its series are checked.
    pub(super) fn is_checked(&self) -> bool {
        self.ours > 0 || self.others == 0
    }

    /// Whether none of its processes reports the contract.
    pub(super) fn is_silent(&self) -> bool {
        self.ours == 0 && self.others == 0
    }
}

/// The sum of the counts of each job.
pub(super) fn by_job<'a>(rows: impl IntoIterator<Item = &'a Row>) -> HashMap<&'a str, usize> {
    let mut counts: HashMap<_, usize> = HashMap::new();
    for row in rows {
        let count = counts.entry(row.label("job")).or_default();
        *count = count.saturating_add(row.count());
    }
    counts
}

/// A sum that saturates, because a server can return any counts.
pub(super) fn total(counts: impl Iterator<Item = usize>) -> usize {
    counts.fold(0, usize::saturating_add)
}

pub(super) fn of_job(counts: &HashMap<&str, usize>, job: &str) -> usize {
    counts.get(job).copied().unwrap_or_default()
}
