//! How far each metric got, from the queue's own scrape and the sites in this program.

use std::io::Write;

use orchq_metrics::scrape::Series;
use orchq_metrics::v1::{CancelReason, Policy, RejectReason};
use orchq_metrics::{Coverage, MetricCoverage, Rung, Severity};

use super::screen;
use crate::scrape::{Scrape, number};

/// Writes the rung and the series of every metric, and the counts of each closed set. Returns what is missing.
pub(super) fn write(scrape: &Scrape, coverage: &Coverage, out: &mut dyn Write) -> std::io::Result<Vec<String>> {
    let errors = coverage.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let mut missing: Vec<_> = errors.map(|finding| finding.message.clone()).collect();
    missing.extend(coverage.below(Rung::Hit).map(|metric| format!("{} is only {}", metric.name(), metric.rung)));

    let hit = coverage.metrics.iter().filter(|metric| metric.rung >= Rung::Hit).count();
    writeln!(out, "\n{hit} of {} metrics are hit; as the queue's own /metrics serves them:", coverage.metrics.len())?;
    writeln!(out, "  {:<36} {:<7} {:>6}  recorded at (+ further functions)", "metric", "rung", "series")?;
    for metric in &coverage.metrics {
        let name = metric.name();
        let series = scrape.series(name, &[]).count();
        writeln!(out, "  {name:<36} {:<7} {series:>6}  {}", metric.rung, recorded_at(metric))?;
        if let Some(exemption) = &metric.exemption {
            screen::write(out, 4, format_args!("cannot be hit here: {}", exemption.reason))?;
        } else if series == 0 {
            missing.push(format!("{name} has no series"));
        }
    }

    let reasons = RejectReason::ALL.iter().map(|reason| reason.as_str());
    missing.extend(values(scrape, "tasks_rejected_total", "reason", reasons, out)?);
    let reasons = CancelReason::ALL.iter().map(|reason| reason.as_str());
    missing.extend(values(scrape, "tasks_canceled_total", "reason", reasons, out)?);
    let policies = Policy::ALL.iter().map(|policy| policy.as_str());
    missing.extend(values(scrape, "admission_backpressure_events_total", "policy", policies, out)?);
    conditional_labels(scrape, out)?;
    Ok(missing)
}

/// The file and line of a function that emits the metric, one that was hit if there is any, and how many others there
/// are.
fn recorded_at(metric: &MetricCoverage) -> String {
    let counted: Vec<_> = metric.sites.iter().filter(|site| !site.test).collect();
    let Some(site) = counted.iter().find(|site| site.hit == Some(true)).or(counted.first()) else {
        return "nowhere".to_owned();
    };
    let file = site.file.trim_start_matches("examples/orchqueue/");
    let line = site.lines.first().copied().unwrap_or_default();
    match counted.len() - 1 {
        0 => format!("{file}:{line}"),
        others => format!("{file}:{line} +{others}"),
    }
}

/// Writes how often each value of a label was counted. Returns those that never were.
fn values(
    scrape: &Scrape,
    metric: &str,
    label: &str,
    values: impl Iterator<Item = &'static str>,
    out: &mut dyn Write,
) -> std::io::Result<Vec<String>> {
    let mut missing = Vec::new();
    let mut counts = Vec::new();
    for value in values {
        let count = scrape.sum(metric, &[(label, value)]);
        counts.push(format!("{value} {count}"));
        if count == 0.0 {
            missing.push(format!("{metric} never counted {label}=\"{value}\""));
        }
    }
    writeln!(out, "\n{metric} by {label}")?;
    screen::write(out, 2, counts.join(", "))?;
    Ok(missing)
}

/// Shows on two series what a conditional label is.
fn conditional_labels(scrape: &Scrape, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "\nConditional labels are those that only some series of a metric carry")?;
    screen::write(out, 2, "trtllm_version: only with TensorRT-LLM inside Triton")?;
    screen::write(out, 2, "model_id or model_digest: only if the pool serves one named model")?;
    let metric = "tasks_started_total";
    writeln!(out, "Three series of {metric}, with different ones")?;
    for engine in ["tgi", "llamacpp", "triton"] {
        let labels = [("engine", engine), ("priority", "high")];
        for series in scrape.series(metric, &labels).take(1) {
            screen::write(out, 2, text(metric, series))?;
        }
    }
    Ok(())
}

/// A series as it is scraped; its values here have nothing to escape.
fn text(name: &str, series: &Series) -> String {
    let labels: Vec<_> = series.labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
    format!("{name}{{{}}} {}", labels.join(","), number(series))
}

#[cfg(test)]
mod tests {
    use orchq_metrics::v1::CONTRACT;

    use super::*;

    #[test]
    fn a_metric_or_value_that_was_not_scraped_is_missing() {
        let scrape = Scrape::parse("tasks_rejected_total{reason=\"POOL_UNREADY\",engine=\"tgi\"} 1\n").unwrap();
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
