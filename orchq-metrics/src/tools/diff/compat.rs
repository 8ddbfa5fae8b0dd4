//! The recording rules that restore old names that were dropped.

use super::label_pair::{self, LabelPair};
use super::matching::Matching;
use super::units;
use crate::contract::owned::{OwnedLabel, OwnedMetric};
use crate::declare::desc::MetricKind;
use crate::declare::label::is_metric_name;
use crate::tools::rules::catalog::COUNTER_WITHOUT_RATE;
use crate::tools::scrape::number;

/// The rule file of old names that were dropped, each as the metric under it and the new one; `None` if it has no rule.
pub(super) fn rule_file(contract: &str, dropped: &[(OwnedMetric, OwnedMetric)]) -> Option<String> {
    let rules: String = dropped.iter().filter_map(|(before, after)| rules(before, after)).collect();
    let group: String = contract.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    (!rules.is_empty()).then(|| {
        format!(
            "# The old names of renamed metrics, until every consumer reads the new ones.\n\
             # A recorded counter works with rate() and increase(); all of these are one evaluation late.\n\
             groups:\n  - name: '{group}-renames'\n    rules:\n{rules}",
        )
    })
}

/// The rules of one metric, below comments that list what they cannot restore.
fn rules(before: &OwnedMetric, after: &OwnedMetric) -> Option<String> {
    let factor = units::factor(&after.unit, &before.unit)?;
    let mut names =
        before.labels.iter().chain(&after.labels).map(|label| &label.name).chain([&before.name, &after.name]);
    // A contract from a file may have any name.
    if !names.all(|name| is_metric_name(name)) {
        return None;
    }
    let matching = label_pair::matching(&before.labels, &after.labels);
    let mut text = format!("      # {} is {} now.\n", before.name, after.name);
    text.extend(remarks(before, after, factor, &matching).iter().map(|remark| format!("      # {remark}\n")));
    let mut record = |suffix: &str, selector: &str, factor: f64, le: Option<String>| {
        let series = format!("{}{suffix}{selector}", after.name);
        let expr = scaled(series, factor);
        let expr = if is_metric_name(&expr) { expr } else { format!("'{expr}'") };
        if after.kind != MetricKind::Gauge {
            let id = COUNTER_WITHOUT_RATE.id;
            text += &format!("      # orchq:suppress {id} it is the counter itself under its old name\n");
        }
        text += &format!("      - record: {}{suffix}\n        expr: {expr}\n", before.name);
        text.extend(le.iter().map(|le| format!("        labels:\n          le: '{le}'\n")));
    };
    if before.kind != MetricKind::Histogram {
        record("", "", factor, None);
        return Some(text);
    }
    record("_count", "", 1.0, None);
    record("_sum", "", factor, None);
    if factor == 1.0 {
        record("_bucket", "", 1.0, None);
    } else {
        for (bound, le) in old_bounds(before, after, factor) {
            record("_bucket", &format!("{{le=~\"{bound}\"}}"), 1.0, Some(le));
        }
    }
    Some(text)
}

/// What the rules cannot restore.
fn remarks(before: &OwnedMetric, after: &OwnedMetric, factor: f64, labels: &Matching<'_, OwnedLabel>) -> Vec<String> {
    let removed = labels.removed().map(|label| format!("The label {} was removed, and is not restored.", label.name));
    let added = labels.added().map(|label| format!("The label {} is new, and is on these series too.", label.name));
    let mut remarks: Vec<_> =
        removed.chain(added).chain(label_pair::pairs(labels).iter().flat_map(of_values)).collect();
    if before.kind == MetricKind::Histogram && factor != 1.0 {
        remarks.push(
            "Each le is recorded as processes serve it (1000); a query of the spelling that Prometheus 3 stores \
             (1000.0, 1e+06) finds nothing."
                .to_owned(),
        );
    }
    let is_lost = |old: &&f64| !after.buckets.iter().any(|new| is_same_bound(*new, **old, factor));
    let lost: Vec<_> = before.buckets.iter().filter(is_lost).map(f64::to_string).collect();
    if !lost.is_empty() {
        remarks.push(format!("No bucket can restore these bounds: {}.", lost.join(", ")));
    }
    remarks
}

/// The values of a label that were removed or added.
fn of_values(pair: &LabelPair<'_>) -> Vec<String> {
    let Some(values) = &pair.values else { return Vec::new() };
    let list = |values: Vec<&String>| values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ");
    let (removed, added): (Vec<_>, Vec<_>) = (values.removed().collect(), values.added().collect());
    let name = &pair.before.name;
    let mut remarks = Vec::new();
    if !removed.is_empty() {
        remarks.push(format!("No series of the label {name} has these values any more: {}.", list(removed)));
    }
    if !added.is_empty() {
        remarks.push(format!("The label {name} has these new values on these series too: {}.", list(added)));
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

/// The new bounds that are old ones in another unit, as a regex, and the old `le`; the infinite one last.
fn old_bounds(before: &OwnedMetric, after: &OwnedMetric, factor: f64) -> Vec<(String, String)> {
    let pair = |bound: &f64| {
        let old = before.buckets.iter().find(|old| is_same_bound(*bound, **old, factor))?;
        // Prometheus 3 stores the spelling of OpenMetrics, whatever was scraped.
        let mut spellings = vec![bound.to_string(), number::canonical(*bound)];
        spellings.dedup();
        Some((spellings.join("|"), old.to_string()))
    };
    let bounds = after.buckets.iter().filter_map(pair).chain([("+Inf".to_owned(), "+Inf".to_owned())]);
    // The regex is within a string of PromQL.
    bounds.map(|(new, old)| (new.replace('.', r"\\.").replace('+', r"\\+"), old)).collect()
}

fn is_same_bound(new: f64, old: f64, factor: f64) -> bool {
    (new * factor - old).abs() <= 1e-9 * old.abs()
}
