//! The violations that the server counted.

use std::collections::{HashMap, HashSet};

use super::examples::{Examples, key};
use super::fleet::{Fleet, Rule, by_job, of_job};
use super::text::{counted, short, shown, subject};
use crate::contract::owned::OwnedMetric;
use crate::contract::value;
use crate::report::Report;
use crate::report::finding::{Finding, Rule as FindingRule};
use crate::report::nearest::did_you_mean;
use crate::tools::fleet::answer::Row;
use crate::tools::fleet::catalog::series as catalog;
use crate::tools::fleet::collect::{FoundViolation, MAX_VALUES};
use crate::tools::fleet::violation::{Kind, Violation};
use crate::tools::lint::messages;
use crate::tools::scrape::number;

pub(super) const RULES: &[Rule] = &[violations, self_counts];

/// The prefix that a scrape gives to a label whose name the target already has:
/// <https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config>.
const EXPORTED: &str = "exported_";

fn violations(fleet: &Fleet<'_>, report: &mut Report) {
    for found in &fleet.data.violations {
        let context = Context::new(fleet, found);
        let known: HashSet<_> = found.rows.iter().map(|row| context.identity(row, row.label("__name__"))).collect();
        let is_reported = |row: &&Row| row.count() > 0 && !context.added.contains(row.label("job"));
        for row in found.rows.iter().filter(is_reported) {
            let Some(metric) = fleet.metric(row) else { continue };
            // A violation of all parts of a histogram is reported once.
            let main = metric.main_series();
            let is_part = context.is_of_labels() && row.label("__name__") != main;
            let has = |name: &str| known.contains(&context.identity(row, name));
            let is_sum = row.label("__name__").ends_with("_sum");
            if is_part && (has(&main) || is_sum && has(&format!("{}_bucket", metric.name))) {
                continue;
            }
            report.push(context.finding(row, metric));
        }
    }
}

/// The data to report each row of a violation.
struct Context<'a> {
    violation: &'a Violation,
    examples: Examples<'a>,
    /// How many rows a metric has in a job.
    rows: HashMap<Vec<&'a str>, usize>,
    /// The jobs whose scrape adds the label to all series.
    added: HashSet<&'a str>,
}

/// The labels that identify a violation's rows.
const BY: &[&str] = &["job", "__name__"];

impl<'a> Context<'a> {
    fn new(fleet: &'a Fleet<'_>, found: &'a FoundViolation) -> Self {
        let mut rows: HashMap<_, usize> = HashMap::new();
        found.rows.iter().for_each(|row| *rows.entry(key(row, BY)).or_default() += 1);
        let added = match &found.violation.kind {
            Kind::LabelUnknown { label } => added(fleet, label),
            _ => HashSet::new(),
        };
        Self { violation: &found.violation, examples: Examples::new(&found.examples, BY), rows, added }
    }

    /// Whether it is about the labels of every part of a histogram.
    fn is_of_labels(&self) -> bool {
        matches!(self.violation.kind, Kind::LabelMissing { .. } | Kind::LabelUnknown { .. } | Kind::ValueUnknown { .. })
    }

    /// The job, the series and the value of a violation.
    fn identity<'r>(&self, row: &'r Row, name: &str) -> (&'r str, String, &'r str) {
        let value = self.violation.by().map_or("", |label| row.label(label));
        (row.label("job"), name.to_owned(), value)
    }

    fn finding(&self, row: &Row, metric: &OwnedMetric) -> Finding {
        let finding = |rule: &FindingRule, message| rule.finding(subject(row.label("job"), &metric.name), message);
        let mut series = format!("{} series", row.count());
        let name = row.label("__name__");
        if self.is_of_labels() && name != metric.main_series() {
            series.push_str(&format!(" of `{name}`"));
        }
        let on = self.examples.names(row).map_or_else(String::new, |names| format!(", as on {names}"));
        let most = greatest(self.examples.of(row));
        match &self.violation.kind {
            Kind::LabelMissing { label } => {
                let lack = if row.count() == 1 { "lacks" } else { "lack" };
                finding(&catalog::LABEL_MISSING, format!("{series} {lack} `{label}`{on}"))
            }
            Kind::LabelUnknown { label } => {
                let nearest = did_you_mean(label, metric.labels.iter().map(|label| label.name.as_str()));
                let have = if row.count() == 1 { "has" } else { "have" };
                let what = format!("the label `{}`, which the contract does not have", short(label));
                let finding = finding(&catalog::LABEL_UNKNOWN, format!("{series} {have} {what}{on}{nearest}"));
                match label.strip_prefix(EXPORTED).filter(|plain| metric.label(plain).is_some()) {
                    Some(plain) => finding.help(renamed_by_scrape(plain)),
                    None => finding,
                }
            }
            Kind::ValueUnknown { label, values } => {
                let message = messages::unknown_value(label, &short(row.label(label)), values);
                // The query has this limit.
                let all = self.rows.get(&key(row, BY)).copied().unwrap_or_default();
                let more = if all >= MAX_VALUES { " (there may be more such values)" } else { "" };
                finding(&catalog::VALUE_UNKNOWN, format!("{series}{on}: {message}{more}"))
                    .help(messages::values_help(label, values))
            }
            Kind::OnlyWith { label, other, values } => finding(
                &catalog::LABEL_CONDITION,
                format!("{series}{on}: {}", messages::only_with(label, other, values)),
            ),
            Kind::NotWith { label, other } => {
                finding(&catalog::LABEL_CONDITION, format!("{series}{on}: {}", messages::not_with(label, other)))
            }
            Kind::Budget { label, budget } => {
                let count = counted(row.count(), "instance");
                finding(&catalog::BUDGET, format!("`{label}` has more than {budget} values{most} in {count}{on}"))
            }
            Kind::SeriesLimit { limit } => {
                let count = counted(row.count(), "instance");
                finding(&catalog::SERIES_LIMIT, format!("there are more than {limit} series{most} in {count}{on}"))
            }
            Kind::Impossible { least, most: upper, finite } => {
                let name = row.label("__name__");
                let of = if name == metric.name { String::new() } else { format!(" of `{name}`") };
                let expected = expected(&metric.unit, *least, *upper, *finite);
                let message = format!("{series}{of}{on}: the value is out of range{most}; expected {expected}");
                finding(&catalog::VALUE_IMPOSSIBLE, message)
            }
        }
    }
}

/// What to do about a label of the contract that the scrape exports under another name.
fn renamed_by_scrape(label: &str) -> String {
    format!(
        "the scrape adds its own `{label}`, so that the contract's was renamed: drop the target's label, or set \
         `honor_labels`"
    )
}

/// The values that are possible.
fn expected(unit: &str, least: f64, most: f64, finite: bool) -> String {
    let of_unit = if unit == "1" && most == 1.0 { "a ratio" } else { unit };
    let range = value::range((least, most));
    match (least.is_finite(), most.is_finite()) {
        (false, false) => "a finite number".to_owned(),
        (true, false) if finite => format!("a finite number, {range}"),
        _ => format!("{of_unit}, {range}"),
    }
}

/// The greatest value of the examples.
fn greatest(examples: &[&Row]) -> String {
    let values = examples.iter().filter_map(|row| row.value);
    // NaN counts as the greatest.
    let greatest = values.max_by(|one, other| one.is_nan().cmp(&other.is_nan()).then(one.total_cmp(other)));
    greatest.map_or_else(String::new, |value| format!(" ({})", number::shown(value)))
}

/// The jobs in which the scrape or the server adds a label: all targets of the job have it, or, without targets, all
/// info metrics.
fn added<'a>(fleet: &'a Fleet<'_>, label: &str) -> HashSet<&'a str> {
    let Some([targets, processes]) = fleet.data.target_labels.get(label) else { return HashSet::new() };
    let [targets, processes, all_processes] = [targets, processes, &fleet.data.builds].map(by_job);
    let is_added = |job: &&str| {
        let (with, all) = match of_job(&fleet.targets, job) {
            0 => (of_job(&processes, job), of_job(&all_processes, job)),
            all => (of_job(&targets, job), all),
        };
        all > 0 && with >= all
    };
    fleet.jobs.keys().copied().filter(is_added).collect()
}

/// The counts of the library about this contract's metrics.
fn self_counts(fleet: &Fleet<'_>, report: &mut Report) {
    type Message = fn(usize, &str) -> String;
    let kinds: [(_, _, Message, _); 2] = [
        (&fleet.data.self_overflows, &catalog::OVERFLOWS, messages::overflows, "label"),
        (&fleet.data.self_violations, &catalog::VIOLATIONS, messages::violations, "kind"),
    ];
    for (rows, rule, message, label) in kinds {
        for row in rows.iter().filter(|row| row.count() > 0) {
            let (job, metric) = (row.label("job"), row.label("metric"));
            if fleet.contract.metric(metric).is_some() {
                let message = message(row.count(), row.label(label));
                report.push(rule.finding(subject(job, metric), format!("{message} in job `{}`", shown(job))));
            }
        }
    }
}
