//! Statistics of what `otlp` pushes. They lie below it, because a scrape serves them and the checks know their names.

#[cfg(feature = "otlp")]
mod stats;

#[cfg(feature = "otlp")]
pub(crate) use stats::{BatchOutcome, PushCounts, PushStats, of_contracts};

/// The values of the label `outcome`.
pub(crate) const REQUEST_OUTCOMES: [&str; 4] = ["accepted", "partial", "failed", "refused"];
pub(crate) const POINT_OUTCOMES: [&str; 3] = ["accepted", "rejected", "dropped"];
