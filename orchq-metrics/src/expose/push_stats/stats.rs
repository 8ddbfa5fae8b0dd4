//! The statistics of each endpoint, and the outcome of a batch that they count.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use crate::concurrent::sync::lock;
use crate::contract::Contract;

/// The outcome of one batch of data points.
#[derive(Debug, PartialEq)]
pub(crate) enum BatchOutcome {
    /// The collector accepted it, except for this many data points.
    Accepted { rejected: u64, message: String },
    /// It was not delivered. The collector may accept it later, but not before the delay that it requested.
    Failed { retry_after: Option<Duration>, why: String },
    /// The collector will never accept it.
    Refused { why: String },
}

impl BatchOutcome {
    /// A failure after which the collector requested no delay.
    pub(crate) fn failed(why: impl Into<String>) -> Self {
        Self::Failed { retry_after: None, why: why.into() }
    }

    pub(crate) fn refused(why: impl Into<String>) -> Self {
        Self::Refused { why: why.into() }
    }
}

/// The statistics of pushes to one endpoint.
#[derive(Debug, Default)]
pub(crate) struct PushStats {
    /// The URL, without credentials.
    pub(crate) endpoint: String,
    contracts: Mutex<Vec<&'static Contract>>,
    counts: Mutex<PushCounts>,
}

/// The outcome of all pushes until now.
#[derive(Clone, Debug, Default)]
pub(crate) struct PushCounts {
    /// How many requests there were, in the order of `REQUEST_OUTCOMES`.
    pub(crate) requests: [u64; 4],
    /// How many data points there were, in the order of `POINT_OUTCOMES`.
    pub(crate) points: [u64; 3],
    /// When data points were last accepted, since the epoch.
    pub(crate) last_success: Duration,
    pub(crate) last_problem: Option<String>,
}

/// Statistics stay when an exporter ends: a counter that disappears and comes back looks like a reset.
static ALL: Mutex<Vec<Arc<PushStats>>> = Mutex::new(Vec::new());

/// Whether two slices name a contract in common.
fn overlap(some: &[&'static Contract], others: &[&Contract]) -> bool {
    some.iter().any(|contract| others.iter().any(|other| std::ptr::eq(*contract, *other)))
}

impl PushStats {
    /// The statistics of an endpoint, to which these contracts are now pushed too.
    pub(crate) fn for_endpoint(endpoint: &str, contracts: &[&'static Contract]) -> Arc<Self> {
        let mut all = lock(&ALL);
        let known = all.iter().find(|stats| stats.endpoint == endpoint).cloned();
        let stats = known.unwrap_or_else(|| {
            let stats = Arc::new(Self { endpoint: endpoint.to_owned(), ..Self::default() });
            all.push(Arc::clone(&stats));
            stats
        });
        let mut pushed = lock(&stats.contracts);
        for contract in contracts {
            if !overlap(&pushed, &[*contract]) {
                pushed.push(contract);
            }
        }
        drop(pushed);
        stats
    }

    /// Counts a request by its outcome.
    pub(crate) fn count_request(&self, outcome: &BatchOutcome) {
        let index = match outcome {
            BatchOutcome::Accepted { rejected: 0, .. } => 0,
            BatchOutcome::Accepted { .. } => 1,
            BatchOutcome::Failed { .. } => 2,
            BatchOutcome::Refused { .. } => 3,
        };
        lock(&self.counts).requests[index] += 1;
    }

    pub(crate) fn count_points(&self, accepted: u64, rejected: u64, dropped: u64) {
        let mut counts = lock(&self.counts);
        counts.points.iter_mut().zip([accepted, rejected, dropped]).for_each(|(total, count)| *total += count);
        if accepted > 0 {
            counts.last_success = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        }
    }

    pub(crate) fn set_last_problem(&self, problem: &str) {
        lock(&self.counts).last_problem = Some(problem.to_owned());
    }

    pub(crate) fn counts(&self) -> PushCounts {
        lock(&self.counts).clone()
    }
}

/// The statistics of every endpoint that one of these contracts is pushed to.
pub(crate) fn of_contracts(contracts: &[&Contract]) -> Vec<Arc<PushStats>> {
    lock(&ALL).iter().filter(|stats| overlap(&lock(&stats.contracts), contracts)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expose::push_stats::REQUEST_OUTCOMES;
    use crate::v1::CONTRACT;

    #[test]
    fn an_outcome_is_counted_under_its_name() {
        let stats = PushStats::for_endpoint("http://nowhere:1", &[&CONTRACT]);
        let accepted = |rejected| BatchOutcome::Accepted { rejected, message: String::new() };
        let outcomes = [accepted(0), accepted(1), BatchOutcome::failed(""), BatchOutcome::refused("")];
        for (index, name) in ["accepted", "partial", "failed", "refused"].into_iter().enumerate() {
            stats.count_request(&outcomes[index]);
            assert_eq!((stats.counts().requests[index], REQUEST_OUTCOMES[index]), (1, name));
        }
        assert_eq!(stats.counts().requests, [1; 4]);
        stats.count_points(0, 2, 3);
        assert_eq!(
            (stats.counts().points, stats.counts().last_success),
            ([0, 2, 3], Duration::ZERO),
            "nothing was accepted"
        );
        stats.count_points(1, 0, 0);
        assert!(stats.counts().last_success > Duration::ZERO);
    }
}
