//! What has become of everything that was to be pushed, for whoever asks.

use std::time::{Duration, SystemTime};

use crate::expose::push_stats::Books;

/// Points that did not reach the collector. They are missing between two others: what counters and histograms
/// have counted meanwhile comes with the next push that does arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The endpoint, without a user and a password.
    pub endpoint: String,
    /// How many data points were lost.
    pub points: u64,
    /// Why, in words.
    pub why: String,
}

/// What became of the pushes to one endpoint, from the first exporter of this process that pushed there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Status {
    /// The endpoint, without a user and a password.
    pub endpoint: String,
    /// How many data points the collector has accepted.
    pub accepted_points: u64,
    /// How many it has refused one by one, while it accepted others of the same request.
    pub rejected_points: u64,
    /// How many were given up: refused as a whole, or not taken in time.
    pub dropped_points: u64,
    /// When it accepted something last.
    pub last_success: Option<SystemTime>,
    /// What was not as it should be last, even if all is well again: a loss, or the advice of a collector that has
    /// accepted everything.
    pub last_problem: Option<String>,
}

impl Status {
    pub(super) fn of(books: &Books) -> Self {
        let [accepted_points, rejected_points, dropped_points] = books.points();
        let last_success = books.last_success();
        Self {
            endpoint: books.endpoint.clone(),
            accepted_points,
            rejected_points,
            dropped_points,
            last_success: (last_success > Duration::ZERO).then(|| SystemTime::UNIX_EPOCH + last_success),
            last_problem: books.last_problem(),
        }
    }
}
