//! The limits and the reserved words of a contract: those of the macros, for a contract that is read from a file.

use orchq_metrics_macros::__shared;

pub(crate) const MAX_BUDGET: u32 = __shared!(max_budget);
pub(crate) const MAX_SERIES_LIMIT: u32 = __shared!(max_series_limit);
pub(crate) const DEFAULT_SERIES_LIMIT: u32 = __shared!(default_series_limit);

/// What no PromQL query can name as a metric.
pub(crate) const NOT_METRICS_IN_QUERIES: [&str; 10] = __shared!(not_metrics_in_queries);

/// What no PromQL query can name as a label in `by (...)`.
pub(crate) const NOT_LABELS_IN_QUERIES: [&str; 3] = __shared!(not_labels_in_queries);
