//! Series that break the contract, as the server counted them.

use super::{Fleet, Rule, counted, examples, instances, shown, subject};
use crate::finding::Finding;
use crate::fleet::answer::Row;
use crate::fleet::breach::Kind;
use crate::fleet::catalog::series as catalog;
use crate::fleet::survey::{Breached, VALUES};
use crate::lint::spelling;
use crate::lint::words;
use crate::owned::OwnedMetric;

pub(super) const RULES: &[Rule] = &[breaches, overflows, violations];

/// What a scrape calls a label whose name the target's labels have already:
/// <https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config>.
const EXPORTED: &str = "exported_";

/// No series breaks the contract.
fn breaches(fleet: &Fleet<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for breached in &fleet.evidence.breaches {
        for row in breached.rows.iter().filter(|row| row.count() > 0) {
            let Some(metric) = fleet.metric(row) else { continue };
            findings.extend(breach(fleet, breached, row, metric));
        }
    }
    findings
}

fn breach(fleet: &Fleet<'_>, breached: &Breached, row: &Row, metric: &OwnedMetric) -> Option<Finding> {
    let subject = subject(row.label("job"), &metric.name);
    let series = counted(row.count(), "series", "series");
    let on = examples(&breached.examples, row, &["job", "__name__"]);
    let on = on.map_or_else(String::new, |names| format!(", as on {names}"));
    let most = || greatest(&breached.examples, row);
    Some(match &breached.breach.kind {
        Kind::LabelMissing { label } => {
            let lack = if row.count() == 1 { "lacks" } else { "lack" };
            catalog::LABEL_MISSING.finding(subject, format!("{series} {lack} `{label}`{on}"))
        }
        Kind::LabelUnknown { label } => {
            if is_added(fleet, label, row.label("job")) {
                return None;
            }
            let message = words::unknown_label(label, metric.labels.iter().map(|label| label.name.as_str()));
            let finding = catalog::LABEL_UNKNOWN.finding(subject, format!("{series}{on}: {message}"));
            match label.strip_prefix(EXPORTED).filter(|plain| metric.label(plain).is_some()) {
                Some(plain) => finding.help(format!(
                    "the scrape adds a `{plain}` of its own, so that the contract's was renamed: drop the target's label, \
                     or set `honor_labels`"
                )),
                None => finding,
            }
        }
        Kind::ValueUnknown { label, values } => {
            let message = words::unknown_value(label, row.label(label), values);
            // A server was asked for so many, and may have more.
            let same = |other: &&Row| ["job", "__name__"].iter().all(|name| other.label(name) == row.label(name));
            let all = breached.rows.iter().filter(same).count();
            let more = if all >= VALUES { " (there may be more such values)" } else { "" };
            catalog::VALUE_UNKNOWN
                .finding(subject, format!("{series}{on}: {message}{more}"))
                .help(words::values_help(label, values))
        }
        Kind::OnlyWith { label, other, values } => {
            let message = format!("{series}{on}: {}", words::only_with(label, other, values));
            catalog::LABEL_CONDITION.finding(subject, message)
        }
        Kind::NotWith { label, other } => {
            let message = format!("{series}{on}: {}", words::not_with(label, other));
            catalog::LABEL_CONDITION.finding(subject, message)
        }
        Kind::Budget { label, budget } => {
            let message =
                format!("`{label}` has more than {budget} values{} in {}{on}", most(), instances(row.count()));
            catalog::BUDGET.finding(subject, message)
        }
        Kind::SeriesLimit { limit } => {
            let message = format!("there are more than {limit} series{} in {}{on}", most(), instances(row.count()));
            catalog::SERIES_LIMIT.finding(subject, message)
        }
        Kind::Impossible { least, most: upper, finite } => {
            let name = row.label("__name__");
            let of = if name == metric.name { String::new() } else { format!(" of `{name}`") };
            let expected = match finite {
                true => "a finite number, from 0 on".to_owned(),
                false => format!("{}, {}", metric.unit, words::range(*least, *upper)),
            };
            let message = format!("{series}{of}{on}: the value is impossible{}; expected {expected}", most());
            catalog::VALUE_IMPOSSIBLE.finding(subject, message)
        }
    })
}

/// The greatest of the values that were asked for as examples.
fn greatest(examples: &[Row], of: &Row) -> String {
    let same = |row: &&Row| ["job", "__name__"].iter().all(|label| row.label(label) == of.label(label));
    let values = examples.iter().filter(same).filter_map(|row| row.value);
    // What is not a number is greater than any.
    let greatest = values.max_by(|one, other| one.is_nan().cmp(&other.is_nan()).then(one.total_cmp(other)));
    greatest.map_or_else(String::new, |value| format!(" ({})", spelling::shown(value)))
}

/// Whether a label was added by the scrape or the server: all targets of the job have it, or, where there are none, all
/// that processes say of themselves.
fn is_added(fleet: &Fleet<'_>, label: &str, job: &str) -> bool {
    let Some([targets, processes]) = fleet.evidence.target_labels.get(label) else { return false };
    let count = |rows: &[Row]| -> usize { rows.iter().filter(|row| row.label("job") == job).map(Row::count).sum() };
    let (with, all) = match count(&fleet.evidence.targets) {
        0 => (count(processes), count(&fleet.evidence.builds)),
        all => (count(targets), all),
    };
    all > 0 && with >= all
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
    rule: &'static crate::finding::Rule,
    what: impl Fn(&Row) -> String,
) -> Vec<Finding> {
    let of_contract = |row: &&Row| row.count() > 0 && fleet.contract.metric(row.label("metric")).is_some();
    let finding = |row: &Row| {
        let subject = subject(row.label("job"), row.label("metric"));
        rule.finding(subject, format!("{} {} in job `{}`", row.count(), what(row), shown(row.label("job"))))
    };
    rows.iter().filter(of_contract).map(finding).collect()
}
