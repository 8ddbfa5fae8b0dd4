//! The peers, each in every form that its documentation offers and that could be the fastest.
//!
//! "strings" gets its open label values as `&str` on every call, "label set" has the library's own ready
//! label set, "handle" has resolved the series, and "local" forms keep a thread's share to themselves
//! and flush it at the end of each round.

mod fastmetrics;
mod measured;
mod metrics;
mod opentelemetry;
mod prometheus;
mod prometheus_client;
mod static_metric;
mod vise;

use orchq_metrics_bench_harness::Candidate;

/// All that can live in one build.
pub const ALL: [&dyn Candidate; 8] = [
    &prometheus::Prometheus,
    &static_metric::StaticMetric,
    &prometheus_client::PrometheusClient,
    &metrics::Metrics,
    &measured::Measured,
    &vise::Vise,
    &opentelemetry::OpenTelemetry,
    &fastmetrics::FastMetrics,
];
