//! A scrape of any length, with the families of a contract.

use std::fmt::Write;

use orchq_metrics::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues, v1};

/// The first contract, without its series limits, within which no process serves a hundred megabytes.
#[must_use]
pub fn contract() -> OwnedContract {
    let mut contract = OwnedContract::from(&v1::CONTRACT);
    contract.metrics.iter_mut().for_each(|metric| metric.series_limit = u32::MAX);
    contract
}

/// A scrape of at least this many bytes with every family of the contract, each of about the same size.
///
/// # Panics
///
/// When the contract is empty.
#[must_use]
pub fn text(bytes: usize) -> String {
    let mut contract = contract();
    // First the families with few label sets; the others get the bytes that these do not fill.
    contract.metrics.sort_by_key(|metric| metric.labels.iter().any(is_open));
    let mut out = String::with_capacity(bytes + (1 << 16));
    for (place, metric) in contract.metrics.iter().enumerate() {
        let families_left = contract.metrics.len() - place;
        let end = out.len() + bytes.saturating_sub(out.len()) / families_left;
        write(metric, end, &mut out);
    }
    out
}

/// The lines of a family, up to `end` bytes, or until the family has no more label sets.
fn write(metric: &OwnedMetric, end: usize, out: &mut String) {
    let OwnedMetric { name, help, kind, .. } = metric;
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}").expect("writing to a string does not fail");
    let mut n = 0;
    while out.len() < end
        && let Some(labels) = label_set(metric, n)
    {
        series(metric, &labels, n, out).expect("writing to a string does not fail");
        n += 1;
    }
}

fn series(metric: &OwnedMetric, labels: &str, n: usize, out: &mut String) -> std::fmt::Result {
    let name = &metric.name;
    let value = (n * 7919) % 1_000_000;
    if metric.buckets.is_empty() {
        return match metric.range() {
            Some((_, most)) if most.is_finite() => writeln!(out, "{name}{{{labels}}} {}", value as f64 / 1e6 * most),
            _ => writeln!(out, "{name}{{{labels}}} {value}"),
        };
    }
    let mut count = 0;
    for (place, bound) in metric.buckets.iter().enumerate() {
        count += (value >> place) % 50;
        writeln!(out, "{name}_bucket{{{labels},le=\"{bound}\"}} {count}")?;
    }
    writeln!(out, "{name}_bucket{{{labels},le=\"+Inf\"}} {count}\n{name}_sum{{{labels}}} {value}.5")?;
    writeln!(out, "{name}_count{{{labels}}} {count}")
}

/// The label set number `n`; `None` past the last.
fn label_set(metric: &OwnedMetric, n: usize) -> Option<String> {
    let mut rest = n;
    let mut set: Vec<(&str, String)> = Vec::new();
    for label in metric.labels.iter().filter(|label| !label.conditional).chain(conditional(metric)) {
        if !label.conditions.iter().all(|condition| holds(condition, &set)) {
            continue;
        }
        let (count, value) = match &label.values {
            OwnedValues::Closed(values) => (values.len(), values.get(rest % values.len()).cloned().unwrap_or_default()),
            // There are few versions.
            OwnedValues::Open { budget } => {
                let count = if label.name.ends_with("_version") { 4 } else { *budget as usize };
                (count, format!("{}-{}", label.name, rest % count))
            }
            other => panic!("unknown values: {other:?}"),
        };
        // Versions and models depend on the pool.
        if !label.conditional {
            rest /= count;
        }
        set.push((&label.name, value));
    }
    let pairs: Vec<String> = set.iter().map(|(name, value)| format!("{name}=\"{value}\"")).collect();
    (rest == 0).then(|| pairs.join(","))
}

fn is_open(label: &OwnedLabel) -> bool {
    matches!(label.values, OwnedValues::Open { .. })
}

fn conditional(metric: &OwnedMetric) -> impl Iterator<Item = &OwnedLabel> {
    metric.labels.iter().filter(|label| label.conditional)
}

fn holds(condition: &OwnedCondition, set: &[(&str, String)]) -> bool {
    let value = |label: &str| set.iter().find(|(name, _)| *name == label).map(|(_, value)| value);
    match condition {
        OwnedCondition::OnlyWith { label, values } => value(label).is_some_and(|value| values.contains(value)),
        OwnedCondition::NotWith { label } => value(label).is_none(),
        other => panic!("unknown condition: {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use orchq_metrics::lint;

    #[test]
    fn the_scrape_has_the_requested_length_and_keeps_to_the_contract() {
        let text = text(1_000_000);
        assert!((1_000_000..1_100_000).contains(&text.len()), "{}", text.len());
        let report = lint::scrape(Some(&contract()), "text", text.as_bytes(), &lint::LintOptions::default()).unwrap();
        let wrong: Vec<_> = report.findings.iter().filter(|finding| !finding.rule.starts_with("promlint")).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
