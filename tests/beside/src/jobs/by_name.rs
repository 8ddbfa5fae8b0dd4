use std::collections::HashMap;
use std::time::Duration;

use prometheus::{CounterVec, GaugeVec, HistogramOpts, HistogramVec, Opts, Registry, TextEncoder};

const COUNTERS: [(&str, &str, &[&str]); 12] = [
    ("jobs_enqueued_total", "Jobs enqueued.", &["queue"]),
    ("jobs_started_total", "Jobs started.", &["queue", "worker"]),
    ("jobs_finished_total", "Jobs finished.", &["queue", "outcome"]),
    ("jobs_retried_total", "Jobs started again.", &["queue", "reason"]),
    ("jobs_canceled_total", "Jobs canceled.", &["queue", "reason"]),
    ("jobs_rejected_total", "Jobs rejected.", &["reason"]),
    ("jobs_expired_total", "Jobs that nobody started in time.", &["queue"]),
    ("worker_restarts_total", "Restarts of workers.", &["pool", "reason"]),
    ("lease_renewals_total", "Renewals of leases.", &["outcome"]),
    ("received_bytes_total", "Bytes received.", &["peer"]),
    ("sent_bytes_total", "Bytes sent.", &["peer"]),
    ("storage_errors_total", "Errors of the storage.", &["operation"]),
];

const GAUGES: [(&str, &str, &[&str]); 5] = [
    ("jobs_waiting", "Jobs that wait.", &["queue"]),
    ("oldest_job_age_seconds", "Age of the oldest job.", &["queue"]),
    ("workers_busy", "Workers with a job.", &["pool"]),
    ("workers_idle", "Workers without a job.", &["pool"]),
    ("memory_used_ratio", "Part of the memory that is used.", &[]),
];

const HISTOGRAMS: [(&str, &str, &[&str], &[f64]); 4] = [
    ("job_wait_seconds", "Time until a job starts.", &["queue"], &[0.1, 1.0, 10.0]),
    ("job_run_seconds", "Time that a job runs.", &["queue", "outcome"], &[0.1, 1.0, 10.0]),
    ("job_payload_bytes", "Size of a job's payload.", &["queue"], &[1024.0, 65536.0]),
    ("storage_operation_seconds", "Time of an operation of the storage.", &["operation"], &[0.001, 0.01, 0.1]),
];

#[derive(Default)]
struct Metrics {
    registry: Registry,
    counters: HashMap<&'static str, CounterVec>,
    gauges: HashMap<&'static str, GaugeVec>,
    histograms: HashMap<&'static str, HistogramVec>,
}

impl Metrics {
    fn new() -> prometheus::Result<Self> {
        let mut metrics = Self::default();
        for (name, help, labels) in COUNTERS {
            let counter = CounterVec::new(Opts::new(name, help), labels)?;
            metrics.registry.register(Box::new(counter.clone()))?;
            metrics.counters.insert(name, counter);
        }
        for (name, help, labels) in GAUGES {
            let gauge = GaugeVec::new(Opts::new(name, help), labels)?;
            metrics.registry.register(Box::new(gauge.clone()))?;
            metrics.gauges.insert(name, gauge);
        }
        for (name, help, labels, buckets) in HISTOGRAMS {
            let histogram = HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels)?;
            metrics.registry.register(Box::new(histogram.clone()))?;
            metrics.histograms.insert(name, histogram);
        }
        Ok(metrics)
    }

    fn inc(&self, name: &str, labels: &[&str]) {
        self.add(name, 1, labels);
    }

    fn add(&self, name: &str, count: u64, labels: &[&str]) {
        self.counters[name].with_label_values(labels).inc_by(count as f64);
    }

    fn set(&self, name: &str, level: f64, labels: &[&str]) {
        self.gauges[name].with_label_values(labels).set(level);
    }

    fn observe(&self, name: &str, value: f64, labels: &[&str]) {
        self.histograms[name].with_label_values(labels).observe(value);
    }
}

pub struct Queue {
    name: &'static str,
    metrics: Metrics,
}

impl Queue {
    pub fn new(name: &'static str) -> prometheus::Result<Self> {
        Ok(Self { name, metrics: Metrics::new()? })
    }

    pub fn enqueue(&self, waiting: u32, bytes: u64) -> bool {
        if waiting > 3 {
            self.metrics.inc("jobs_rejected_total", &["full"]);
            return false;
        }
        self.metrics.inc("jobs_enqueued_total", &[self.name]);
        self.metrics.observe("job_payload_bytes", bytes as f64, &[self.name]);
        self.metrics.set("jobs_waiting", f64::from(waiting), &[self.name]);
        true
    }

    pub fn start(&self, worker: &str, waited: Duration) {
        self.metrics.inc("jobs_started_total", &[self.name, worker]);
        self.metrics.observe("job_wait_seconds", waited.as_secs_f64(), &[self.name]);
    }

    pub fn finish(&self, outcome: &str, ran: Duration) {
        self.metrics.inc("jobs_finished_total", &[self.name, outcome]);
        self.metrics.observe("job_run_seconds", ran.as_secs_f64(), &[self.name, outcome]);
    }

    pub fn retry(&self, reason: &str) {
        self.metrics.inc("jobs_retried_total", &[self.name, reason]);
    }

    pub fn cancel(&self, reason: &str) {
        self.metrics.inc("jobs_canceled_total", &[self.name, reason]);
    }

    pub fn expire(&self, oldest: Duration) {
        self.metrics.inc("jobs_expired_total", &[self.name]);
        self.metrics.set("oldest_job_age_seconds", oldest.as_secs_f64(), &[self.name]);
    }

    pub fn renew(&self, outcome: &str) {
        self.metrics.inc("lease_renewals_total", &[outcome]);
    }

    pub fn workers(&self, pool: &str, busy: u32, idle: u32) {
        self.metrics.set("workers_busy", f64::from(busy), &[pool]);
        self.metrics.set("workers_idle", f64::from(idle), &[pool]);
    }

    pub fn restart(&self, pool: &str, reason: &str) {
        self.metrics.inc("worker_restarts_total", &[pool, reason]);
    }

    pub fn exchange(&self, peer: &str, received: u64, sent: u64) {
        self.metrics.add("received_bytes_total", received, &[peer]);
        self.metrics.add("sent_bytes_total", sent, &[peer]);
    }

    pub fn store(&self, operation: &str, took: Duration, failed: bool) {
        self.metrics.observe("storage_operation_seconds", took.as_secs_f64(), &[operation]);
        if failed {
            self.metrics.inc("storage_errors_total", &[operation]);
        }
    }

    pub fn memory(&self, used: f64) {
        self.metrics.set("memory_used_ratio", used, &[]);
    }

    pub fn page(&self) -> prometheus::Result<String> {
        TextEncoder::new().encode_to_string(&self.metrics.registry.gather())
    }
}
