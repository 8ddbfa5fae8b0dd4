//! Whether the answers are complete, and which jobs and metrics exist.

use super::{Examples, Fleet, Job, Rule, counted, of_job, shown, subject, total};
use crate::contract::owned::OwnedMetric;
use crate::report::finding::Finding;
use crate::tools::fleet::answer::Row;
use crate::tools::fleet::catalog::presence as catalog;
use crate::tools::fleet::collect::GONE_AFTER;

pub(super) const RULES: &[Rule] = &[
    answer_partial,
    labels_not_known,
    job_absent,
    job_gone,
    targets_down,
    identity_missing,
    metric_missing,
    job_metric_missing,
    instances_without,
];

/// How many jobs are named in a message, besides the last.
const MAX_NAMED: usize = 5;

fn answer_partial(fleet: &Fleet<'_>) -> Vec<Finding> {
    let warnings = fleet.data.warnings.iter();
    warnings.map(|warning| catalog::ANSWER_PARTIAL.finding(&fleet.contract.name, warning)).collect()
}

fn labels_not_known(fleet: &Fleet<'_>) -> Vec<Finding> {
    let unknown = !fleet.data.labels_known && !fleet.data.series.is_empty();
    let message = "not every label that is missing from the contract could be looked for";
    let unknown = unknown.then(|| message.to_owned());
    let refused = fleet.data.labels_refused.iter();
    let refused = refused.map(|label| format!("the server rejects a query for the label {label:?}"));
    let messages = unknown.into_iter().chain(refused);
    messages.map(|message| catalog::LABELS_NOT_KNOWN.finding(&fleet.contract.name, message)).collect()
}

fn job_absent(fleet: &Fleet<'_>) -> Vec<Finding> {
    let absent = fleet.options.jobs.iter().filter(|job| !fleet.jobs.contains_key(job.as_str()));
    let finding = |job: &String| {
        let message = match (of_job(&fleet.targets, job), of_job(&fleet.down, job)) {
            (0, _) => "the server has neither series of the contract nor targets in it".to_owned(),
            (all, down) if all == down => {
                "the server has no series of the contract in it: all its targets are down".to_owned()
            }
            (all, _) => {
                format!("the server has no series of the contract in it, although it has {}", counted(all, "target"))
            }
        };
        catalog::JOB_ABSENT.finding(job, message)
    };
    absent.map(finding).collect()
}

fn job_gone(fleet: &Fleet<'_>) -> Vec<Finding> {
    let lately = fleet.data.lately.iter().map(|row| row.label("job"));
    let gone = lately.filter(|job| !fleet.jobs.contains_key(job) && !fleet.is_requested(job));
    let message = format!("it reported the contract within the last {GONE_AFTER}, and has no series now");
    gone.map(|job| catalog::JOB_GONE.finding(shown(job), message.clone())).collect()
}

fn targets_down(fleet: &Fleet<'_>) -> Vec<Finding> {
    let examples = Examples::new(&fleet.data.down_examples, &["job"]);
    let down = fleet.data.down.iter().filter(|row| {
        let job = row.label("job");
        let is_known = fleet.jobs.contains_key(job) || fleet.lately.contains_key(job) || fleet.is_requested(job);
        row.count() > 0 && is_known
    });
    let finding = |row: &Row| {
        let job = row.label("job");
        let all = counted(of_job(&fleet.targets, job), "target");
        let examples = examples.such_as(row);
        let is = if row.count() == 1 { "is" } else { "are" };
        catalog::TARGETS_DOWN.finding(shown(job), format!("{} of {all} {is} down{examples}", row.count()))
    };
    down.map(finding).collect()
}

fn identity_missing(fleet: &Fleet<'_>) -> Vec<Finding> {
    let silent = fleet.jobs.iter().filter(|(_, job)| job.is_silent() && job.series > 0);
    let finding = |(name, job): (&&str, &Job<'_>)| {
        let served = fleet.contract.metrics.iter().filter(|metric| job.has(metric)).count();
        let all = fleet.contract.metrics.len();
        let named = match job.foreign.as_slice() {
            [] => "none of its processes reports a contract".to_owned(),
            [foreign, ..] => format!("its processes report the contract `{foreign}`"),
        };
        let message = format!("it has series of {served} of the contract's {all} metrics, and {named}");
        catalog::IDENTITY_MISSING.finding(shown(name), message)
    };
    silent.map(finding).collect()
}

fn metric_missing(fleet: &Fleet<'_>) -> Vec<Finding> {
    let expected = fleet.expected();
    if expected.is_empty() {
        return Vec::new();
    }
    let missing = fleet.contract.metrics.iter().filter(|metric| !expected.iter().any(|(_, job)| job.has(metric)));
    let names: Vec<_> = expected.iter().map(|(name, _)| format!("`{}`", shown(name))).collect();
    let none = match names.split_last() {
        Some((only, [])) => format!("job {only} has no series of it"),
        Some((last, first)) if first.len() < MAX_NAMED => {
            format!("none of the jobs {} and {last} has a series of it", first.join(", "))
        }
        _ => format!("none of the {} jobs has a series of it", names.len()),
    };
    let unseen = fleet.unseen();
    let finding = |metric: &OwnedMetric| {
        let other = fleet.jobs.iter().find(|(_, job)| job.is_silent() && job.has(metric));
        let but = other.map(|(name, _)| format!("; job `{}` has one, and does not report the contract", shown(name)));
        catalog::METRIC_MISSING.finding(&metric.name, format!("{none}{unseen}{}", but.unwrap_or_default()))
    };
    missing.map(finding).collect()
}

fn job_metric_missing(fleet: &Fleet<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for metric in &fleet.contract.metrics {
        let (with, without): (Vec<_>, Vec<_>) = fleet.expected().into_iter().partition(|(_, job)| job.has(metric));
        let Some((other, _)) = with.first() else { continue };
        for (name, job) in without {
            let of = if job.ours > 0 { format!(", of {},", counted(job.ours, "instance")) } else { String::new() };
            let message = format!("the job{of} has no series of it, and job `{}` has one", shown(other));
            findings.push(catalog::JOB_METRIC_MISSING.finding(subject(name, &metric.name), message));
        }
    }
    findings
}

fn instances_without(fleet: &Fleet<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, job) in fleet.expected() {
        // Without reports, there are at least as many instances as have any one metric.
        let all = job.instances.values().copied().chain([job.ours]).max().unwrap_or_default();
        for metric in fleet.contract.metrics.iter().filter(|metric| job.has(metric)) {
            let with = job.instances.get(metric.main_series().as_str()).copied().unwrap_or(all);
            if with < all {
                let message = format!("{} of {} have no series of it", all - with, counted(all, "instance"));
                findings.push(catalog::INSTANCES_WITHOUT.finding(subject(name, &metric.name), message));
            }
        }
    }
    findings
}

impl Fleet<'_> {
    fn is_requested(&self, job: &str) -> bool {
        self.options.jobs.iter().any(|requested| requested == job)
    }

    /// The jobs that should have the contract's metrics: those that report it, or all if none reports a contract.
    fn expected(&self) -> Vec<(&str, &Job<'_>)> {
        let none_reports = self.jobs.values().all(Job::is_silent);
        let expected = self.jobs.iter().filter(|(_, job)| job.ours > 0 || none_reports);
        expected.map(|(name, job)| (*name, job)).collect()
    }

    /// A note that targets are down.
    fn unseen(&self) -> String {
        match total(self.expected().into_iter().map(|(job, _)| of_job(&self.down, job))) {
            0 => String::new(),
            1 => "; 1 target of theirs is down".to_owned(),
            down => format!("; {down} targets of theirs are down"),
        }
    }
}

impl Job<'_> {
    /// Whether an instance that is checked has a series of a metric.
    fn has(&self, metric: &OwnedMetric) -> bool {
        metric.series_names().chain([metric.name.clone()]).any(|name| self.instances.contains_key(name.as_str()))
    }
}
