//! The outcome of pushes, as the program sees it.

use std::time::{Duration, SystemTime};

use crate::expose::push_stats::{PushCounts, PushStats};

/// Data points that did not reach the collector. They leave a gap: what counters and histograms count meanwhile is in
/// the next push that arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The endpoint, without a user and a password.
    pub endpoint: String,
    /// How many data points were lost.
    pub points: u64,
    /// The reason.
    pub why: String,
}

/// The outcome of all pushes to one endpoint since the first exporter of this process pushed there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The endpoint, without a user and a password.
    pub endpoint: String,
    /// How many data points the collector accepted.
    pub accepted_points: u64,
    /// How many it rejected one by one, while it accepted others of the same request.
    pub rejected_points: u64,
    /// How many the exporter dropped, because the collector refused the whole request or did not accept it in time.
    pub dropped_points: u64,
    /// When it last accepted data points.
    pub last_success: Option<SystemTime>,
    /// The last loss, or warning of a collector that accepted everything. It stays when all is well again.
    pub last_problem: Option<String>,
}

impl Status {
    pub(super) fn new(stats: &PushStats) -> Self {
        let PushCounts { points, last_success, last_problem, .. } = stats.counts();
        let [accepted_points, rejected_points, dropped_points] = points;
        Self {
            endpoint: stats.endpoint.clone(),
            accepted_points,
            rejected_points,
            dropped_points,
            last_success: (last_success > Duration::ZERO).then(|| SystemTime::UNIX_EPOCH + last_success),
            last_problem,
        }
    }
}
