//! Whether the answers are whole, and who and what is there.

use super::{Examples, Fleet, Job, Rule, instances, of_job, shown, subject, total};
use crate::contract::owned::OwnedMetric;
use crate::report::finding::Finding;
use crate::tools::fleet::breach::main_name;
use crate::tools::fleet::catalog::presence as catalog;
use crate::tools::fleet::survey::GONE_AFTER;

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

/// How many jobs are named in a message, but for the last.
const MOST_NAMED: usize = 5;

/// No server remarks that its answer is not the whole.
fn answer_partial(fleet: &Fleet<'_>) -> Vec<Finding> {
    let warnings = fleet.evidence.warnings.iter();
    warnings.map(|warning| catalog::ANSWER_PARTIAL.finding(&fleet.contract.name, warning)).collect()
}

/// It is known which labels there are.
fn labels_not_known(fleet: &Fleet<'_>) -> Vec<Finding> {
    let unknown = !fleet.evidence.labels_known && !fleet.evidence.series.is_empty();
    let message = "not every label that the contract does not have could be looked for";
    let unknown = unknown.then(|| message.to_owned());
    let refused = fleet.evidence.labels_refused.iter();
    let refused = refused.map(|label| format!("the server refuses a question about the label {label:?}"));
    let messages = unknown.into_iter().chain(refused);
    messages.map(|message| catalog::LABELS_NOT_KNOWN.finding(&fleet.contract.name, message)).collect()
}

/// A job that was named is there.
fn job_absent(fleet: &Fleet<'_>) -> Vec<Finding> {
    let absent = fleet.options.jobs.iter().filter(|job| !fleet.jobs.contains_key(job.as_str()));
    let finding = |job: &String| {
        let message = match (of_job(&fleet.targets, job), of_job(&fleet.down, job)) {
            (0, _) => "the server knows nothing of the contract in it, and no target of it".to_owned(),
            (all, down) if all == down => {
                "the server knows nothing of the contract in it: all its targets are down".to_owned()
            }
            (all, _) => format!("the server knows nothing of the contract in it, though it has {}", targets(all)),
        };
        catalog::JOB_ABSENT.finding(job, message)
    };
    absent.map(finding).collect()
}

/// What was there a while ago is there.
fn job_gone(fleet: &Fleet<'_>) -> Vec<Finding> {
    let named = |job: &str| fleet.options.jobs.iter().any(|named| named == job);
    let lately = fleet.evidence.lately.iter().map(|row| row.label("job"));
    let gone = lately.filter(|job| !fleet.jobs.contains_key(job) && !named(job));
    let message = format!("it had the contract within the last {GONE_AFTER}, and now there is nothing of it");
    gone.map(|job| catalog::JOB_GONE.finding(shown(job), message.clone())).collect()
}

/// All targets of a job that has the contract are up.
fn targets_down(fleet: &Fleet<'_>) -> Vec<Finding> {
    let examples = Examples::new(&fleet.evidence.down_examples, &["job"]);
    let named = |job: &str| fleet.options.jobs.iter().any(|named| named == job);
    let down = fleet.evidence.down.iter().filter(|row| {
        let job = row.label("job");
        row.count() > 0 && (fleet.jobs.contains_key(job) || fleet.lately.contains_key(job) || named(job))
    });
    let finding = |row: &crate::tools::fleet::answer::Row| {
        let job = row.label("job");
        let all = targets(of_job(&fleet.targets, job));
        let examples = examples.such_as(row);
        let is = if row.count() == 1 { "is" } else { "are" };
        catalog::TARGETS_DOWN.finding(shown(job), format!("{} of {all} {is} down{examples}", row.count()))
    };
    down.map(finding).collect()
}

/// A job that has the contract's names says that it has the contract.
fn identity_missing(fleet: &Fleet<'_>) -> Vec<Finding> {
    let silent = fleet.jobs.iter().filter(|(_, job)| job.is_silent() && job.series > 0);
    let finding = |(name, job): (&&str, &Job<'_>)| {
        let served = fleet.contract.metrics.iter().filter(|metric| job.has(metric)).count();
        let all = fleet.contract.metrics.len();
        let named = match job.foreign.as_slice() {
            [] => "none of its processes says which contract it has".to_owned(),
            [foreign, ..] => format!("its processes say that they have the contract `{foreign}`"),
        };
        let message = format!("it has series of {served} of the contract's {all} metrics, and {named}");
        catalog::IDENTITY_MISSING.finding(shown(name), message)
    };
    silent.map(finding).collect()
}

/// Every metric is somewhere in the fleet.
fn metric_missing(fleet: &Fleet<'_>) -> Vec<Finding> {
    let expected = fleet.expected();
    if expected.is_empty() {
        return Vec::new();
    }
    let missing = fleet.contract.metrics.iter().filter(|metric| !expected.iter().any(|(_, job)| job.has(metric)));
    let names: Vec<_> = expected.iter().map(|(name, _)| format!("`{}`", shown(name))).collect();
    let nobody = match names.split_last() {
        Some((only, [])) => format!("job {only} has no series of it"),
        Some((last, first)) if first.len() < MOST_NAMED => {
            format!("none of the jobs {} and {last} has a series of it", first.join(", "))
        }
        _ => format!("none of the {} jobs has a series of it", names.len()),
    };
    let unseen = fleet.unseen();
    let finding = |metric: &OwnedMetric| {
        let stranger = fleet.jobs.iter().find(|(_, job)| job.is_silent() && job.has(metric));
        let but = stranger
            .map(|(name, _)| format!("; job `{}` has, and does not say that it is the contract's", shown(name)));
        catalog::METRIC_MISSING.finding(&metric.name, format!("{nobody}{unseen}{}", but.unwrap_or_default()))
    };
    missing.map(finding).collect()
}

/// Every metric of the fleet is in every job that has the contract.
fn job_metric_missing(fleet: &Fleet<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for metric in &fleet.contract.metrics {
        let (with, without): (Vec<_>, Vec<_>) = fleet.expected().into_iter().partition(|(_, job)| job.has(metric));
        let Some((other, _)) = with.first() else { continue };
        for (name, job) in without {
            let of = if job.ours > 0 { format!(", of {},", instances(job.ours)) } else { String::new() };
            let message = format!("the job{of} has no series of it, and job `{}` has", shown(other));
            findings.push(catalog::JOB_METRIC_MISSING.finding(subject(name, &metric.name), message));
        }
    }
    findings
}

/// Every metric of a job is in every instance of it.
fn instances_without(fleet: &Fleet<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, job) in fleet.expected() {
        // Of those that do not say it of themselves, there are as many as have any one metric.
        let all = job.instances.values().copied().chain([job.ours]).max().unwrap_or_default();
        for metric in fleet.contract.metrics.iter().filter(|metric| job.has(metric)) {
            let with = job.instances.get(main_name(metric).as_str()).copied().unwrap_or(all);
            if with < all {
                let message = format!("{} of {} have no series of it", all - with, instances(all));
                findings.push(catalog::INSTANCES_WITHOUT.finding(subject(name, &metric.name), message));
            }
        }
    }
    findings
}

impl Fleet<'_> {
    /// The jobs that should have the contract's metrics: those that say so. Where none says which contract it has, all.
    fn expected(&self) -> Vec<(&str, &Job<'_>)> {
        let nobody_says = self.jobs.values().all(Job::is_silent);
        let expected = self.jobs.iter().filter(|(_, job)| job.ours > 0 || nobody_says);
        expected.map(|(name, job)| (*name, job)).collect()
    }

    /// That something may only not be seen.
    fn unseen(&self) -> String {
        match total(self.expected().into_iter().map(|(job, _)| of_job(&self.down, job))) {
            0 => String::new(),
            1 => "; 1 target of theirs is down".to_owned(),
            down => format!("; {down} targets of theirs are down"),
        }
    }
}

impl Job<'_> {
    /// Whether one of its instances that are judged has a series of a metric.
    fn has(&self, metric: &OwnedMetric) -> bool {
        metric.series_names().chain([metric.name.clone()]).any(|name| self.instances.contains_key(name.as_str()))
    }
}

fn targets(count: usize) -> String {
    super::counted(count, "target", "targets")
}
