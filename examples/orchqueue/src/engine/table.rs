//! The list of all sources: every metric of the contract, for every engine.

use std::fmt::{self, Write as _};

use orchq_metrics::v1::{CONTRACT, Engine};

use super::Adapter;
use crate::native::{Counter, Devices, Ratio, RatioOf, Selector, Source, Tokens};

/// The metrics that the queue measures, for every engine the same, with a note.
const AT_THE_QUEUE: &[(&str, &str)] = &[
    ("tasks_enqueued_total", "tasks that it admits"),
    ("tasks_started_total", "tasks that its slots start"),
    ("tasks_canceled_total", "tasks canceled while waiting or running; a failure of the engine counts as watchdog"),
    ("tasks_rejected_total", "tasks that it rejects"),
    ("queue_depth", "its own queue; tasks that wait inside the engine have started"),
    (
        "latency_first_token_ms",
        "from admission and by priority; native ones start at the engine, with other buckets and no priority",
    ),
    (
        "latency_decode_ms",
        "of the stream as the queue sees it, by priority; native ones have other buckets and no priority",
    ),
    ("admission_backpressure_events_total", "its own decisions"),
];

/// The list, as text.
pub fn table() -> String {
    let mut text = String::new();
    for metric in CONTRACT.metrics() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", metric.name);
        match AT_THE_QUEUE.iter().find(|(name, _)| *name == metric.name) {
            Some((_, what)) => _ = writeln!(text, "  {:<9} measured at the queue: {what}", "all"),
            None => {
                for engine in Engine::ALL {
                    let _ = writeln!(text, "  {:<9} {}", engine.as_str(), native(metric.name, *engine));
                }
            }
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Where an engine's own metric comes from.
fn native(metric: &str, engine: Engine) -> String {
    let sources = &Adapter::for_engine(engine).sources;
    match metric {
        "tokens_in_total" => described(&sources.tokens_in),
        "tokens_out_total" => described(&sources.tokens_out),
        "kv_cache_usage_ratio" => described(&sources.kv_cache),
        "gpu_utilization" => described(&sources.gpu_utilization),
        "vram_used_bytes" => described(&sources.vram_used),
        _ => "unknown".to_owned(),
    }
}

fn described<N: fmt::Display>(source: &Source<N>) -> String {
    match source {
        Source::Native(native) => native.to_string(),
        Source::Absent(reason) => format!("absent: {reason}"),
    }
}

fn note(f: &mut fmt::Formatter<'_>, note: &str) -> fmt::Result {
    if note.is_empty() { Ok(()) } else { write!(f, "\n{:12}{note}", "") }
}

fn joined<T: fmt::Display>(f: &mut fmt::Formatter<'_>, parts: &[T], by: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(by)?;
        }
        part.fmt(f)?;
    }
    Ok(())
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family)?;
        if self.labels.is_empty() {
            return Ok(());
        }
        let labels: Vec<_> = self.labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        write!(f, "{{{}}}", labels.join(","))
    }
}

impl fmt::Display for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(selector) => selector.fmt(f),
            Self::Sum(selector) => {
                let sum = format!("{}_sum", selector.family);
                f.write_str(&selector.to_string().replacen(selector.family, &sum, 1))
            }
        }
    }
}

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("growth of ")?;
        joined(f, self.from, " and ")?;
        note(f, self.note)
    }
}

impl fmt::Display for RatioOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Single(selector) => write!(f, "{selector} of a single series"),
            Self::Quotient(used, capacity) => write!(f, "sum of {used} / sum of {capacity}"),
            Self::Mean(selector) => write!(f, "mean of {selector}"),
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        joined(f, self.from, ", else ")?;
        note(f, self.note)
    }
}

impl fmt::Display for Devices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.family)?;
        if self.factor != 1.0 {
            write!(f, " x {}", self.factor)?;
        }
        write!(f, ", device = {}", self.device_label)?;
        note(f, self.note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_a_source_or_a_reason_for_every_engine() {
        let table = table();
        assert!(!table.contains("unknown"), "{table}");
        let blocks: Vec<_> = table.split("\n\n").collect();
        assert_eq!(blocks.len(), CONTRACT.metrics().count());
        for (block, metric) in blocks.iter().zip(CONTRACT.metrics()) {
            let mut lines = block.lines();
            assert_eq!(lines.next(), Some(metric.name));
            // A note is on a line of its own, with more spaces.
            let rows = lines.filter(|line| !line.starts_with("   "));
            let rows: Vec<_> = rows.map(|line| line.split_whitespace().next().unwrap()).collect();
            assert!(rows == ["all"] || rows == ["llamacpp", "vllm", "tgi", "triton"], "{block}");
        }
        for (name, _) in AT_THE_QUEUE {
            assert!(CONTRACT.metrics().any(|metric| metric.name == *name), "{name}");
        }
    }
}
