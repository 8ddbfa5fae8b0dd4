//! Whether the answers are complete, and which jobs and metrics exist.

use super::examples::Examples;
use super::fleet::{Fleet, Job, Rule, of_job, total};
use super::text::{counted, shown, subject};
use crate::contract::owned::OwnedMetric;
use crate::report::Report;
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

fn answer_partial(fleet: &Fleet<'_>, report: &mut Report) {
    for warning in &fleet.data.warnings {
        report.push(catalog::ANSWER_PARTIAL.finding(&fleet.contract.name, warning));
    }
}

fn labels_not_known(fleet: &Fleet<'_>, report: &mut Report) {
    let mut push = |message: String| report.push(catalog::LABELS_NOT_KNOWN.finding(&fleet.contract.name, message));
    if !fleet.data.labels_known && !fleet.data.series.is_empty() {
        push("not every label that is missing from the contract could be looked for".to_owned());
    }
    for label in &fleet.data.labels_refused {
        push(format!("the server rejects a query for the label {label:?}"));
    }
}

fn job_absent(fleet: &Fleet<'_>, report: &mut Report) {
    for job in fleet.options.jobs.iter().filter(|job| !fleet.jobs.contains_key(job.as_str())) {
        let message = match (of_job(&fleet.targets, job), of_job(&fleet.down, job)) {
            (0, _) => "the server has neither series of the contract nor targets in it".to_owned(),
            (all, down) if all == down => {
                "the server has no series of the contract in it: all its targets are down".to_owned()
            }
            (all, _) => {
                format!("the server has no series of the contract in it, although it has {}", counted(all, "target"))
            }
        };
        report.push(catalog::JOB_ABSENT.finding(job, message));
    }
}

fn job_gone(fleet: &Fleet<'_>, report: &mut Report) {
    let lately = fleet.data.lately.iter().map(|row| row.label("job"));
    for job in lately.filter(|job| !fleet.jobs.contains_key(job) && !fleet.is_requested(job)) {
        let message = format!("it reported the contract within the last {GONE_AFTER}, and has no series now");
        report.push(catalog::JOB_GONE.finding(shown(job), message));
    }
}

fn targets_down(fleet: &Fleet<'_>, report: &mut Report) {
    let examples = Examples::new(&fleet.data.down_examples, &["job"]);
    for row in fleet.data.down.iter().filter(|row| row.count() > 0) {
        let job = row.label("job");
        if fleet.jobs.contains_key(job) || fleet.lately.contains_key(job) || fleet.is_requested(job) {
            let all = counted(of_job(&fleet.targets, job), "target");
            let is = if row.count() == 1 { "is" } else { "are" };
            let message = format!("{} of {all} {is} down{}", row.count(), examples.such_as(row));
            report.push(catalog::TARGETS_DOWN.finding(shown(job), message));
        }
    }
}

fn identity_missing(fleet: &Fleet<'_>, report: &mut Report) {
    for (name, job) in fleet.jobs.iter().filter(|(_, job)| job.is_silent() && job.series > 0) {
        let served = fleet.contract.metrics.iter().filter(|metric| job.has(metric)).count();
        let all = fleet.contract.metrics.len();
        let named = match job.foreign.first() {
            None => "none of its processes reports a contract".to_owned(),
            Some(foreign) => format!("its processes report the contract `{foreign}`"),
        };
        let message = format!("it has series of {served} of the contract's {all} metrics, and {named}");
        report.push(catalog::IDENTITY_MISSING.finding(shown(name), message));
    }
}

fn metric_missing(fleet: &Fleet<'_>, report: &mut Report) {
    let expected = fleet.expected();
    let names: Vec<_> = expected.iter().map(|(name, _)| format!("`{}`", shown(name))).collect();
    let none = match names.split_last() {
        None => return,
        Some((only, [])) => format!("job {only} has no series of it"),
        Some((last, first)) if first.len() < MAX_NAMED => {
            format!("none of the jobs {} and {last} has a series of it", first.join(", "))
        }
        _ => format!("none of the {} jobs has a series of it", names.len()),
    };
    let unseen = match total(expected.iter().map(|(job, _)| of_job(&fleet.down, job))) {
        0 => String::new(),
        1 => "; 1 target of theirs is down".to_owned(),
        down => format!("; {down} targets of theirs are down"),
    };
    for metric in fleet.contract.metrics.iter().filter(|metric| !expected.iter().any(|(_, job)| job.has(metric))) {
        let other = fleet.jobs.iter().find(|(_, job)| job.is_silent() && job.has(metric));
        let but = other.map(|(name, _)| format!("; job `{}` has one, and does not report the contract", shown(name)));
        let message = format!("{none}{unseen}{}", but.unwrap_or_default());
        report.push(catalog::METRIC_MISSING.finding(&metric.name, message));
    }
}

fn job_metric_missing(fleet: &Fleet<'_>, report: &mut Report) {
    for metric in &fleet.contract.metrics {
        let (with, without): (Vec<_>, Vec<_>) = fleet.expected().into_iter().partition(|(_, job)| job.has(metric));
        let Some((other, _)) = with.first() else { continue };
        for (name, job) in without {
            let of = if job.ours > 0 { format!(", of {},", counted(job.ours, "instance")) } else { String::new() };
            let message = format!("the job{of} has no series of it, and job `{}` has one", shown(other));
            report.push(catalog::JOB_METRIC_MISSING.finding(subject(name, &metric.name), message));
        }
    }
}

fn instances_without(fleet: &Fleet<'_>, report: &mut Report) {
    for (name, job) in fleet.expected() {
        // Without reports, there are at least as many instances as have any one metric.
        let all = job.instances.values().copied().chain([job.ours]).max().unwrap_or_default();
        for metric in fleet.contract.metrics.iter().filter(|metric| job.has(metric)) {
            let with = job.instances.get(metric.main_series().as_str()).copied().unwrap_or(all);
            if with < all {
                let message = format!("{} of {} have no series of it", all - with, counted(all, "instance"));
                report.push(catalog::INSTANCES_WITHOUT.finding(subject(name, &metric.name), message));
            }
        }
    }
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
}

impl Job<'_> {
    /// Whether an instance that is checked has a series of a metric.
    fn has(&self, metric: &OwnedMetric) -> bool {
        metric.series_names().chain([metric.name.clone()]).any(|name| self.instances.contains_key(name.as_str()))
    }
}
