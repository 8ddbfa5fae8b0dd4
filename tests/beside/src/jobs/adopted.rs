#[path = "contract.rs"]
pub mod contract;

use std::collections::HashMap;
use std::time::Duration;

use orchq_metrics::{Metric, emits};
use prometheus::{CounterVec, GaugeVec, HistogramOpts, HistogramVec, Opts, Registry, TextEncoder};

use contract::metrics::*;

const NAME: &str = "jobs-adopted";

fn labels<M: Metric>() -> Vec<&'static str> {
    M::DESC.labels.iter().map(|label| label.name).collect()
}

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
        metrics.counter::<jobs_enqueued_total>()?;
        metrics.counter::<jobs_started_total>()?;
        metrics.counter::<jobs_finished_total>()?;
        metrics.counter::<jobs_retried_total>()?;
        metrics.counter::<jobs_canceled_total>()?;
        metrics.counter::<jobs_rejected_total>()?;
        metrics.counter::<jobs_expired_total>()?;
        metrics.counter::<worker_restarts_total>()?;
        metrics.counter::<lease_renewals_total>()?;
        metrics.counter::<received_bytes_total>()?;
        metrics.counter::<sent_bytes_total>()?;
        metrics.counter::<storage_errors_total>()?;
        metrics.gauge::<jobs_waiting>()?;
        metrics.gauge::<oldest_job_age_seconds>()?;
        metrics.gauge::<workers_busy>()?;
        metrics.gauge::<workers_idle>()?;
        metrics.gauge::<memory_used_ratio>()?;
        metrics.histogram::<job_wait_seconds>()?;
        metrics.histogram::<job_run_seconds>()?;
        metrics.histogram::<job_payload_bytes>()?;
        metrics.histogram::<storage_operation_seconds>()?;
        Ok(metrics)
    }

    fn counter<M: Metric>(&mut self) -> prometheus::Result<()> {
        let counter = CounterVec::new(Opts::new(M::DESC.name, M::DESC.help), &labels::<M>())?;
        self.registry.register(Box::new(counter.clone()))?;
        CONTRACT.adopt::<M>(&counter);
        self.counters.insert(M::DESC.name, counter);
        Ok(())
    }

    fn gauge<M: Metric>(&mut self) -> prometheus::Result<()> {
        let gauge = GaugeVec::new(Opts::new(M::DESC.name, M::DESC.help), &labels::<M>())?;
        self.registry.register(Box::new(gauge.clone()))?;
        CONTRACT.adopt::<M>(&gauge);
        self.gauges.insert(M::DESC.name, gauge);
        Ok(())
    }

    fn histogram<M: Metric>(&mut self) -> prometheus::Result<()> {
        let opts = HistogramOpts::new(M::DESC.name, M::DESC.help).buckets(M::DESC.buckets.to_vec());
        let histogram = HistogramVec::new(opts, &labels::<M>())?;
        self.registry.register(Box::new(histogram.clone()))?;
        CONTRACT.adopt::<M>(&histogram);
        self.histograms.insert(M::DESC.name, histogram);
        Ok(())
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

    #[emits(
        extern jobs_rejected_total { reason },
        extern jobs_enqueued_total { queue },
        extern job_payload_bytes { queue },
        extern jobs_waiting { queue },
    )]
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

    #[emits(extern jobs_started_total { queue, worker }, extern job_wait_seconds { queue })]
    pub fn start(&self, worker: &str, waited: Duration) {
        self.metrics.inc("jobs_started_total", &[self.name, worker]);
        self.metrics.observe("job_wait_seconds", waited.as_secs_f64(), &[self.name]);
    }

    #[emits(extern jobs_finished_total { queue, outcome }, extern job_run_seconds { queue, outcome })]
    pub fn finish(&self, outcome: &str, ran: Duration) {
        self.metrics.inc("jobs_finished_total", &[self.name, outcome]);
        self.metrics.observe("job_run_seconds", ran.as_secs_f64(), &[self.name, outcome]);
    }

    #[emits(extern jobs_retried_total { queue, reason })]
    pub fn retry(&self, reason: &str) {
        self.metrics.inc("jobs_retried_total", &[self.name, reason]);
    }

    #[emits(extern jobs_canceled_total { queue, reason })]
    pub fn cancel(&self, reason: &str) {
        self.metrics.inc("jobs_canceled_total", &[self.name, reason]);
    }

    #[emits(extern jobs_expired_total { queue }, extern oldest_job_age_seconds { queue })]
    pub fn expire(&self, oldest: Duration) {
        self.metrics.inc("jobs_expired_total", &[self.name]);
        self.metrics.set("oldest_job_age_seconds", oldest.as_secs_f64(), &[self.name]);
    }

    #[emits(extern lease_renewals_total { outcome })]
    pub fn renew(&self, outcome: &str) {
        self.metrics.inc("lease_renewals_total", &[outcome]);
    }

    #[emits(extern workers_busy { pool }, extern workers_idle { pool })]
    pub fn workers(&self, pool: &str, busy: u32, idle: u32) {
        self.metrics.set("workers_busy", f64::from(busy), &[pool]);
        self.metrics.set("workers_idle", f64::from(idle), &[pool]);
    }

    #[emits(extern worker_restarts_total { pool, reason })]
    pub fn restart(&self, pool: &str, reason: &str) {
        self.metrics.inc("worker_restarts_total", &[pool, reason]);
    }

    #[emits(extern received_bytes_total { peer }, extern sent_bytes_total { peer })]
    pub fn exchange(&self, peer: &str, received: u64, sent: u64) {
        self.metrics.add("received_bytes_total", received, &[peer]);
        self.metrics.add("sent_bytes_total", sent, &[peer]);
    }

    #[emits(extern storage_operation_seconds { operation }, extern storage_errors_total { operation })]
    pub fn store(&self, operation: &str, took: Duration, failed: bool) {
        self.metrics.observe("storage_operation_seconds", took.as_secs_f64(), &[operation]);
        if failed {
            self.metrics.inc("storage_errors_total", &[operation]);
        }
    }

    #[emits(extern memory_used_ratio {})]
    pub fn memory(&self, used: f64) {
        self.metrics.set("memory_used_ratio", used, &[]);
    }

    pub fn page(&self) -> prometheus::Result<String> {
        TextEncoder::new().encode_to_string(&self.metrics.registry.gather())
    }
}
