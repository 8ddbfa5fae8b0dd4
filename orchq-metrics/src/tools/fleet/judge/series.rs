//! Series that break the contract, as the server counted them.

use std::collections::{HashMap, HashSet};

use super::{Examples, Fleet, Rule, by_job, counted, instances, key, of_job, short, shown, subject};
use crate::contract::owned::OwnedMetric;
use crate::report::finding::Finding;
use crate::report::nearest::did_you_mean;
use crate::tools::fleet::answer::Row;
use crate::tools::fleet::breach::{Kind, main_name};
use crate::tools::fleet::catalog::series as catalog;
use crate::tools::fleet::survey::{Breached, VALUES};
use crate::tools::lint::words;
use crate::tools::scrape::number;

pub(super) const RULES: &[Rule] = &[breaches, overflows, violations];

/// What a scrape calls a label whose name the target's labels have already:
/// <https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config>.
const EXPORTED: &str = "exported_";

/// No series breaks the contract.
fn breaches(fleet: &Fleet<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for breached in &fleet.evidence.breaches {
        let context = Context::new(fleet, breached);
        let known: HashSet<_> = breached.rows.iter().map(|row| context.identity(row, row.label("__name__"))).collect();
        for row in breached.rows.iter().filter(|row| row.count() > 0) {
            let Some(metric) = fleet.metric(row) else { continue };
            // What all parts of a histogram have is said once.
            let main = main_name(metric);
            let is_part = context.is_of_labels() && row.label("__name__") != main;
            let is_said = known.contains(&context.identity(row, &main))
                || row.label("__name__").ends_with("_sum")
                    && known.contains(&context.identity(row, &format!("{}_bucket", metric.name)));
            if is_part && is_said {
                continue;
            }
            findings.extend(context.finding(row, metric));
        }
    }
    findings
}

/// A way to break the contract, made ready for a question of each row.
struct Context<'a> {
    kind: &'a Kind,
    examples: Examples<'a>,
    /// How many rows there are of a metric in a job.
    rows: HashMap<Vec<&'a str>, usize>,
    /// The jobs all of whose series got the label from the scrape.
    added: HashSet<&'a str>,
}

/// What breaches are told apart by.
const BY: &[&str] = &["job", "__name__"];

impl<'a> Context<'a> {
    fn new(fleet: &'a Fleet<'_>, breached: &'a Breached) -> Self {
        let mut rows: HashMap<_, usize> = HashMap::new();
        breached.rows.iter().for_each(|row| *rows.entry(key(row, BY)).or_default() += 1);
        let added = match &breached.breach.kind {
            Kind::LabelUnknown { label } => added(fleet, label),
            _ => HashSet::new(),
        };
        Self { kind: &breached.breach.kind, examples: Examples::new(&breached.examples, BY), rows, added }
    }

    /// Whether it is judged by the labels of every part of a histogram.
    fn is_of_labels(&self) -> bool {
        matches!(self.kind, Kind::LabelMissing { .. } | Kind::LabelUnknown { .. } | Kind::ValueUnknown { .. })
    }

    /// What is wrong where, on the series of a name.
    fn identity<'r>(&self, row: &'r Row, name: &str) -> (&'r str, String, &'r str) {
        let value = match self.kind {
            Kind::ValueUnknown { label, .. } => row.label(label),
            _ => "",
        };
        (row.label("job"), name.to_owned(), value)
    }

    fn finding(&self, row: &Row, metric: &OwnedMetric) -> Option<Finding> {
        if self.added.contains(row.label("job")) {
            return None;
        }
        let subject = subject(row.label("job"), &metric.name);
        let (rule, message) = self.rule_and_message(row, metric);
        let finding = rule.finding(subject, message);
        Some(match self.help(metric) {
            Some(help) => finding.help(help),
            None => finding,
        })
    }

    fn rule_and_message(&self, row: &Row, metric: &OwnedMetric) -> (&'static crate::report::finding::Rule, String) {
        let mut series = counted(row.count(), "series", "series");
        let name = row.label("__name__");
        if self.is_of_labels() && name != main_name(metric) {
            series.push_str(&format!(" of `{name}`"));
        }
        let on = self.examples.names(row).map_or_else(String::new, |names| format!(", as on {names}"));
        let most = greatest(self.examples.of(row));
        match self.kind {
            Kind::LabelMissing { label } => {
                let lack = if row.count() == 1 { "lacks" } else { "lack" };
                (&catalog::LABEL_MISSING, format!("{series} {lack} `{label}`{on}"))
            }
            Kind::LabelUnknown { label } => {
                let nearest = did_you_mean(label, metric.labels.iter().map(|label| label.name.as_str()));
                let have = if row.count() == 1 { "has" } else { "have" };
                let what = format!("the label `{}`, which the contract does not have", short(label));
                (&catalog::LABEL_UNKNOWN, format!("{series} {have} {what}{on}{nearest}"))
            }
            Kind::ValueUnknown { label, values } => {
                let message = words::unknown_value(label, &short(row.label(label)), values);
                // A server was asked for so many, and may have more.
                let all = self.rows.get(&key(row, BY)).copied().unwrap_or_default();
                let more = if all >= VALUES { " (there may be more such values)" } else { "" };
                (&catalog::VALUE_UNKNOWN, format!("{series}{on}: {message}{more}"))
            }
            Kind::OnlyWith { label, other, values } => {
                (&catalog::LABEL_CONDITION, format!("{series}{on}: {}", words::only_with(label, other, values)))
            }
            Kind::NotWith { label, other } => {
                (&catalog::LABEL_CONDITION, format!("{series}{on}: {}", words::not_with(label, other)))
            }
            Kind::Budget { label, budget } => {
                let count = instances(row.count());
                (&catalog::BUDGET, format!("`{label}` has more than {budget} values{most} in {count}{on}"))
            }
            Kind::SeriesLimit { limit } => {
                let count = instances(row.count());
                (&catalog::SERIES_LIMIT, format!("there are more than {limit} series{most} in {count}{on}"))
            }
            Kind::Impossible { least, most: upper, finite } => {
                let name = row.label("__name__");
                let of = if name == metric.name { String::new() } else { format!(" of `{name}`") };
                let of_unit = if metric.unit == "1" && *upper == 1.0 { "a ratio" } else { &metric.unit };
                let expected = match (least.is_finite(), *finite && !upper.is_finite()) {
                    (true, true) => format!("a finite number, {}", words::range(*least, *upper)),
                    (false, _) => "a finite number".to_owned(),
                    (true, false) => format!("{of_unit}, {}", words::range(*least, *upper)),
                };
                let message = format!("{series}{of}{on}: the value is impossible{most}; expected {expected}");
                (&catalog::VALUE_IMPOSSIBLE, message)
            }
        }
    }

    /// What to do, where that is more exact than the rule's help.
    fn help(&self, metric: &OwnedMetric) -> Option<String> {
        match self.kind {
            Kind::ValueUnknown { label, values } => Some(words::values_help(label, values)),
            Kind::LabelUnknown { label } => {
                let plain = label.strip_prefix(EXPORTED).filter(|plain| metric.label(plain).is_some())?;
                Some(format!(
                    "the scrape adds a `{plain}` of its own, so that the contract's was renamed: drop the target's \
                     label, or set `honor_labels`"
                ))
            }
            _ => None,
        }
    }
}

/// The greatest of the values that were asked for as examples.
fn greatest(examples: &[&Row]) -> String {
    let values = examples.iter().filter_map(|row| row.value);
    // What is not a number is greater than any.
    let greatest = values.max_by(|one, other| one.is_nan().cmp(&other.is_nan()).then(one.total_cmp(other)));
    greatest.map_or_else(String::new, |value| format!(" ({})", number::shown(value)))
}

/// The jobs in which a label was added by the scrape or the server: all targets of the job have it, or, where there are
/// none, all that processes say of themselves.
fn added<'a>(fleet: &'a Fleet<'_>, label: &str) -> HashSet<&'a str> {
    let Some([targets, processes]) = fleet.evidence.target_labels.get(label) else { return HashSet::new() };
    let [targets, processes, all_processes] = [targets, processes, &fleet.evidence.builds].map(by_job);
    let is_added = |job: &&str| {
        let (with, all) = match of_job(&fleet.targets, job) {
            0 => (of_job(&processes, job), of_job(&all_processes, job)),
            all => (of_job(&targets, job), all),
        };
        all > 0 && with >= all
    };
    fleet.jobs.keys().copied().filter(is_added).collect()
}

/// No detail was lost to a limit.
fn overflows(fleet: &Fleet<'_>) -> Vec<Finding> {
    let what = |row: &Row| format!("lookups lost a value of `{}`", row.label("label"));
    own(fleet, &fleet.evidence.overflows, &catalog::OVERFLOWS, what)
}

/// What was recorded was right.
fn violations(fleet: &Fleet<'_>) -> Vec<Finding> {
    let what = |row: &Row| format!("recorded values were `{}`", row.label("kind"));
    own(fleet, &fleet.evidence.violations, &catalog::VIOLATIONS, what)
}

/// What the library counts of itself, of this contract's metrics.
fn own(
    fleet: &Fleet<'_>,
    rows: &[Row],
    rule: &'static crate::report::finding::Rule,
    what: impl Fn(&Row) -> String,
) -> Vec<Finding> {
    let of_contract = |row: &&Row| row.count() > 0 && fleet.contract.metric(row.label("metric")).is_some();
    let finding = |row: &Row| {
        let subject = subject(row.label("job"), row.label("metric"));
        rule.finding(subject, format!("{} {} in job `{}`", row.count(), what(row), shown(row.label("job"))))
    };
    rows.iter().filter(of_contract).map(finding).collect()
}
