//! The recording rules that make a renamed metric's old name out of its new one.

use super::labels::{self, LabelPair};
use super::{Diff, likeness};
use crate::contract::owned::OwnedMetric;
use crate::declare::desc::MetricKind;
use crate::tools::rules::catalog::COUNTER_WITHOUT_RATE;
use crate::tools::rules::literal;

/// A metric that was renamed, with what makes its old series.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Renamed {
    before: String,
    after: String,
    /// Whether what is recorded only grows, which nothing else than these rules should record as it is.
    grows: bool,
    rules: Vec<Recording>,
    /// What the rules cannot bring back.
    remarks: Vec<String>,
}

/// One recording rule.
#[derive(Clone, Debug, PartialEq)]
struct Recording {
    record: String,
    expr: String,
    /// The bound, where it is another number than in the new series.
    le: Option<String>,
}

impl Renamed {
    pub(super) fn new((before, after): (&OwnedMetric, &OwnedMetric)) -> Self {
        let mut renamed = Self {
            before: before.name.clone(),
            after: after.name.clone(),
            grows: after.kind != MetricKind::Gauge,
            rules: Vec::new(),
            remarks: Vec::new(),
        };
        let factor = likeness::factor(&after.unit, &before.unit);
        let labels = before.labels.iter().chain(&after.labels).map(|label| &label.name);
        let (Some(factor), true) = (factor, labels.chain([&before.name, &after.name]).all(|name| is_name(name))) else {
            return renamed;
        };
        let matching = labels::matching(&before.labels, &after.labels);
        let old_labels = |expr: String| labels::pairs(&matching).iter().fold(expr, old_label);
        let mut record = |suffix: &str, selector: &str, factor: f64, le: Option<String>| {
            let series = format!("{}{suffix}{selector}", after.name);
            let expr = old_labels(scaled(series, factor));
            renamed.rules.push(Recording { record: format!("{}{suffix}", before.name), expr, le });
        };
        if before.kind == MetricKind::Histogram {
            record("_count", "", 1.0, None);
            record("_sum", "", factor, None);
            if factor == 1.0 {
                record("_bucket", "", 1.0, None);
            } else {
                for (bound, le) in old_bounds(before, after, factor) {
                    record("_bucket", &format!("{{le=~\"{bound}\"}}"), 1.0, Some(le));
                }
            }
        } else {
            record("", "", factor, None);
        }
        for label in matching.removed() {
            renamed.remarks.push(format!("The label {} is gone, and stays so.", label.name));
        }
        for label in &matching.added {
            renamed.remarks.push(format!("The label {} is new, and stands on these series too.", label.item.name));
        }
        renamed.remarks.extend(labels::pairs(&matching).iter().flat_map(of_values));
        if before.kind == MetricKind::Histogram && factor != 1.0 {
            renamed.remarks.push(
                "Each le is recorded as processes serve it (1000); a query that names it as Prometheus 3 stores it \
                 (1000.0, 1e+06) finds none."
                    .to_owned(),
            );
        }
        let lost: Vec<_> = lost_bounds(before, after, factor).map(|bound| bound.to_string()).collect();
        if !lost.is_empty() {
            renamed.remarks.push(format!("There is no bucket to make these bounds of: {}.", lost.join(", ")));
        }
        renamed
    }
}

/// What became of a label's values that are not the same by another spelling.
fn of_values(pair: &LabelPair<'_>) -> Vec<String> {
    let Some(values) = &pair.values else { return Vec::new() };
    let list = |values: Vec<&String>| values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ");
    let (gone, new): (Vec<_>, Vec<_>) =
        (values.removed().collect(), values.added.iter().map(|placed| placed.item).collect());
    let name = &pair.before.name;
    let mut remarks = Vec::new();
    if !gone.is_empty() {
        remarks.push(format!("No series of the label {name} has these values any more: {}.", list(gone)));
    }
    if !new.is_empty() {
        remarks.push(format!("The label {name} has these new values on these series too: {}.", list(new)));
    }
    remarks
}

/// A series' values in the old unit.
fn scaled(series: String, factor: f64) -> String {
    match factor {
        1.0 => series,
        factor if factor > 1.0 => format!("{series} * {factor}"),
        factor => format!("{series} / {}", (1.0 / factor).round()),
    }
}

/// The same series with one label named, and its values spelled, as they were.
fn old_label(expr: String, pair: &LabelPair<'_>) -> String {
    let (old, new) = (pair.before.name.as_str(), pair.after.name.as_str());
    let mut expr = expr;
    if old != new {
        expr = format!(r#"sum without ({new}) (label_replace({expr}, "{old}", "$1", "{new}", "(.*)"))"#);
    }
    let values = pair.values.iter().flat_map(|values| values.pairs()).filter(|(before, after)| before != after);
    for (before, after) in values {
        let (value, regex) = (literal(&before.replace('$', "$$")), literal(&quote_meta(after)));
        expr = format!(r#"label_replace({expr}, "{old}", {value}, "{old}", {regex})"#);
    }
    expr
}

/// The new bounds that are old ones in another unit, as a regex, and the old `le`; the infinite one last.
fn old_bounds(before: &OwnedMetric, after: &OwnedMetric, factor: f64) -> Vec<(String, String)> {
    let known = |bound: &&f64| before.buckets.iter().any(|old| is_same_bound(**bound, *old, factor));
    let pair = |bound: &f64| {
        let mut spellings = vec![bound.to_string(), as_prometheus_3(*bound)];
        spellings.dedup();
        let old = before.buckets.iter().find(|old| is_same_bound(*bound, **old, factor));
        (bounds_regex(&spellings), old.unwrap_or(bound).to_string())
    };
    let infinite = (bounds_regex(&["+Inf".to_owned()]), "+Inf".to_owned());
    after.buckets.iter().filter(known).map(pair).chain([infinite]).collect()
}

/// These spellings alone, within a string of PromQL.
fn bounds_regex(spellings: &[String]) -> String {
    spellings.join("|").replace('.', r"\\.").replace('+', r"\\+")
}

/// A bound as Prometheus 3 stores it, whatever was scraped: with a fraction, and with an exponent from a million on and
/// below a ten-thousandth.
fn as_prometheus_3(bound: f64) -> String {
    let scientific = format!("{bound:e}");
    let exponent = scientific.split_once('e').and_then(|(digits, power)| Some((digits, power.parse::<i32>().ok()?)));
    match exponent {
        Some((digits, power)) if !(-4..6).contains(&power) => {
            let sign = if power < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", power.abs())
        }
        _ if bound.to_string().contains('.') => bound.to_string(),
        _ => format!("{bound}.0"),
    }
}

fn lost_bounds<'a>(before: &'a OwnedMetric, after: &'a OwnedMetric, factor: f64) -> impl Iterator<Item = &'a f64> {
    before.buckets.iter().filter(move |old| !after.buckets.iter().any(|new| is_same_bound(*new, **old, factor)))
}

fn is_same_bound(new: f64, old: f64, factor: f64) -> bool {
    (new * factor - old).abs() <= 1e-9 * old.abs()
}

/// Whether a name can stand in an expression as it is. A contract from a file may have any.
fn is_name(name: &str) -> bool {
    let begins = name.bytes().next().is_some_and(|byte| !byte.is_ascii_digit());
    begins && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b':')
}

/// A text that matches itself alone as a regex.
fn quote_meta(text: &str) -> String {
    text.chars().fold(String::new(), |mut quoted, c| {
        if c.is_ascii_punctuation() {
            quoted.push('\\');
        }
        quoted.push(c);
        quoted
    })
}

pub(super) fn rule_file(diff: &Diff) -> Option<String> {
    let renamed: Vec<_> = diff.renamed.iter().filter(|renamed| !renamed.rules.is_empty()).collect();
    if renamed.is_empty() {
        return None;
    }
    let group: String = diff.contract.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let mut file = format!(
        "# The old names of renamed metrics, until every consumer reads the new ones.\n\
         # A recorded counter works with rate() and increase(); all of these are one evaluation late.\n\
         groups:\n  - name: '{group}-renames'\n    rules:\n",
    );
    for renamed in renamed {
        file += &format!("      # {} is {} now.\n", renamed.before, renamed.after);
        file.extend(renamed.remarks.iter().map(|remark| format!("      # {remark}\n")));
        for Recording { record, expr, le } in &renamed.rules {
            let expr = if is_name(expr) { expr.clone() } else { format!("'{}'", expr.replace('\'', "''")) };
            if renamed.grows {
                file += &format!(
                    "      # orchq:allow {} it is the counter itself under its old name\n",
                    COUNTER_WITHOUT_RATE.id
                );
            }
            file += &format!("      - record: {record}\n        expr: {expr}\n");
            file.extend(le.iter().map(|le| format!("        labels:\n          le: '{le}'\n")));
        }
    }
    Some(file)
}
