//! What the demonstration saw in its own scrape, and what it should have seen.

use std::io::Write;

use orchq_metrics::v1::{CancelReason, Policy, RejectReason};
use orchq_metrics::{Coverage, Rung, Severity};

use crate::scrape::Scrape;

/// Writes the rung and the series of every metric, and what was seen of each closed set. What is missing is returned.
pub(super) fn write(scrape: &Scrape, coverage: &Coverage, out: &mut dyn Write) -> std::io::Result<Vec<String>> {
    let errors = coverage.findings().iter().filter(|finding| finding.severity == Severity::Error);
    let mut missing: Vec<_> = errors.map(|finding| finding.message.clone()).collect();
    missing.extend(coverage.below(Rung::Hit).map(|metric| format!("{} is only {}", metric.name(), metric.rung())));

    writeln!(out, "\n{:<36} {:<8} {:>6}", "scraped from /metrics", "rung", "series")?;
    for metric in coverage.metrics() {
        let name = metric.name();
        // A histogram's series are those of its count.
        let series = scrape.series(name, &[]).chain(scrape.series(&format!("{name}_count"), &[])).count();
        let absent = metric.exemption().map_or("", |exemption| exemption.reason.as_str());
        let line = format!("{name:<36} {:<8} {series:>6}  {absent}", metric.rung());
        writeln!(out, "{}", line.trim_end())?;
        if series == 0 && absent.is_empty() {
            missing.push(format!("{name} has no series"));
        }
    }

    let reasons = RejectReason::ALL.iter().map(|reason| reason.as_str());
    missing.extend(values(scrape, "tasks_rejected_total", "reason", reasons, out)?);
    let reasons = CancelReason::ALL.iter().map(|reason| reason.as_str());
    missing.extend(values(scrape, "tasks_canceled_total", "reason", reasons, out)?);
    let policies = Policy::ALL.iter().map(|policy| policy.as_str());
    missing.extend(values(scrape, "admission_backpressure_events_total", "policy", policies, out)?);

    let hit = coverage.metrics().iter().filter(|metric| metric.rung() >= Rung::Hit).count();
    let excused = coverage.metrics().iter().filter(|metric| metric.exemption().is_some()).count();
    let total = coverage.metrics().len();
    writeln!(out, "\n{hit} of {total} metrics were hit, {excused} cannot be hit on this machine")?;
    Ok(missing)
}

/// Writes how often each value of a label was counted; those that never were are returned.
fn values(
    scrape: &Scrape,
    metric: &str,
    label: &str,
    values: impl Iterator<Item = &'static str>,
    out: &mut dyn Write,
) -> std::io::Result<Vec<String>> {
    let mut missing = Vec::new();
    writeln!(out, "\n{metric} by {label}")?;
    for value in values {
        let count = scrape.sum(metric, &[(label, value)]);
        writeln!(out, "  {value:<20} {count:>6}")?;
        if count == 0.0 {
            missing.push(format!("{metric} never counted {label}=\"{value}\""));
        }
    }
    Ok(missing)
}

#[cfg(test)]
mod tests {
    use orchq_metrics::v1::CONTRACT;

    use super::*;

    #[test]
    fn whatever_was_not_scraped_is_missing() {
        let scrape = Scrape::parse("tasks_rejected_total{reason=\"POOL_UNREADY\",engine=\"tgi\"} 1\n");
        let mut out = Vec::new();
        let missing = write(&scrape, &CONTRACT.coverage(), &mut out).unwrap();
        let is_missing = |what: &str| missing.iter().any(|missing| missing.contains(what));
        assert!(is_missing("tasks_rejected_total never counted reason=\"ADMISSION_REJECT\""));
        assert!(!is_missing("tasks_rejected_total never counted reason=\"POOL_UNREADY\""));
        assert!(is_missing("tasks_canceled_total never counted reason=\"watchdog\""));
        assert!(is_missing("admission_backpressure_events_total never counted policy=\"drop-lru\""));
        assert!(is_missing("latency_decode_ms has no series"));
        assert!(!is_missing("tasks_rejected_total has no series"));
    }
}
