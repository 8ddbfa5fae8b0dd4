//! The names under which `otlp` tells of its pushes in a scrape. The checks know them, too.

pub(crate) const REQUESTS: &str = "orchq_metrics_otlp_requests_total";
pub(crate) const POINTS: &str = "orchq_metrics_otlp_points_total";
pub(crate) const LAST_SUCCESS: &str = "orchq_metrics_otlp_last_success_timestamp_seconds";

/// The values of the label `outcome`.
#[cfg(any(feature = "otlp", feature = "tools"))]
pub(crate) const REQUEST_OUTCOMES: [&str; 4] = ["accepted", "partial", "failed", "refused"];
#[cfg(any(feature = "otlp", feature = "tools"))]
pub(crate) const POINT_OUTCOMES: [&str; 3] = ["accepted", "rejected", "dropped"];
