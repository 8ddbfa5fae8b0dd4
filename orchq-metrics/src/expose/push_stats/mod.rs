//! Statistics of what `otlp` pushes. They lie below it, because a scrape serves them and the checks know their names.

#[cfg(feature = "otlp")]
mod stats;

#[cfg(feature = "otlp")]
pub(crate) use stats::{BatchOutcome, PushCounts, PushStats, of_contracts};

pub(crate) const REQUESTS: &str = "orchq_metrics_otlp_requests_total";
pub(crate) const POINTS: &str = "orchq_metrics_otlp_points_total";
pub(crate) const LAST_SUCCESS: &str = "orchq_metrics_otlp_last_success_timestamp_seconds";

/// The values of the label `outcome`.
pub(crate) const REQUEST_OUTCOMES: [&str; 4] = ["accepted", "partial", "failed", "refused"];
pub(crate) const POINT_OUTCOMES: [&str; 3] = ["accepted", "rejected", "dropped"];
