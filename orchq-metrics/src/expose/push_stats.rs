//! The books of what `otlp` pushes. They are kept apart from it, because a scrape tells of them, and the checks
//! know the names under which it does.

pub(crate) const REQUESTS: &str = "orchq_metrics_otlp_requests_total";
pub(crate) const POINTS: &str = "orchq_metrics_otlp_points_total";
pub(crate) const LAST_SUCCESS: &str = "orchq_metrics_otlp_last_success_timestamp_seconds";

/// The values of the label `outcome`.
#[cfg(any(feature = "otlp", feature = "tools"))]
pub(crate) const REQUEST_OUTCOMES: [&str; 4] = ["accepted", "partial", "failed", "refused"];
#[cfg(any(feature = "otlp", feature = "tools"))]
pub(crate) const POINT_OUTCOMES: [&str; 3] = ["accepted", "rejected", "dropped"];

#[cfg(feature = "otlp")]
pub(crate) use books::{Books, Outcome, Points, of_contracts};

#[cfg(feature = "otlp")]
mod books {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
    use std::time::{Duration, SystemTime};

    use super::{POINT_OUTCOMES, REQUEST_OUTCOMES};
    use crate::contract::Contract;

    /// What became of one request: the place of its name in [`REQUEST_OUTCOMES`].
    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Outcome {
        Accepted,
        /// Accepted but for some points.
        Partial,
        /// Not answered, or put off: to be tried again.
        Failed,
        /// Refused for good.
        Refused,
    }

    /// What became of data points: the place of its name in [`POINT_OUTCOMES`].
    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Points {
        Accepted,
        /// Refused one by one.
        Rejected,
        /// Given up, with their whole request.
        Dropped,
    }

    /// The books of one endpoint.
    #[derive(Debug)]
    pub(crate) struct Books {
        /// Without a user and a password.
        pub(crate) endpoint: String,
        contracts: Mutex<Vec<&'static Contract>>,
        requests: [AtomicU64; REQUEST_OUTCOMES.len()],
        points: [AtomicU64; POINT_OUTCOMES.len()],
        /// In nanoseconds since the epoch.
        last_success: AtomicU64,
        last_problem: Mutex<Option<String>>,
    }

    /// They stay when an exporter ends: a counter that leaves a scrape looks like one that was reset.
    static ALL: Mutex<Vec<Arc<Books>>> = Mutex::new(Vec::new());

    fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    impl Books {
        /// The books of an endpoint, which these contracts are pushed to from now on.
        pub(crate) fn of(endpoint: &str, contracts: &[&'static Contract]) -> Arc<Self> {
            let mut all = lock(&ALL);
            let known = all.iter().find(|books| books.endpoint == endpoint).cloned();
            let books = known.unwrap_or_else(|| {
                let books = Arc::new(Self {
                    endpoint: endpoint.to_owned(),
                    contracts: Mutex::default(),
                    requests: Default::default(),
                    points: Default::default(),
                    last_success: AtomicU64::new(0),
                    last_problem: Mutex::default(),
                });
                all.push(Arc::clone(&books));
                books
            });
            let mut pushed = lock(&books.contracts);
            for contract in contracts {
                if !pushed.iter().any(|known| std::ptr::eq(*known, *contract)) {
                    pushed.push(contract);
                }
            }
            drop(pushed);
            books
        }

        pub(crate) fn count(&self, outcome: Outcome) {
            self.requests[outcome as usize].fetch_add(1, Ordering::Relaxed);
        }

        pub(crate) fn accept(&self, points: u64) {
            if points == 0 {
                return;
            }
            self.points[Points::Accepted as usize].fetch_add(points, Ordering::Relaxed);
            let since_epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
            self.last_success.store(u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        }

        pub(crate) fn lose(&self, points: u64, how: Points, why: &str) {
            self.points[how as usize].fetch_add(points, Ordering::Relaxed);
            self.note(why);
        }

        /// Keeps what was not as it should be.
        pub(crate) fn note(&self, problem: &str) {
            *lock(&self.last_problem) = Some(problem.to_owned());
        }

        /// How many requests there were, in the order of [`REQUEST_OUTCOMES`].
        pub(crate) fn requests(&self) -> [u64; REQUEST_OUTCOMES.len()] {
            self.requests.each_ref().map(|count| count.load(Ordering::Relaxed))
        }

        /// How many data points there were, in the order of [`POINT_OUTCOMES`].
        pub(crate) fn points(&self) -> [u64; POINT_OUTCOMES.len()] {
            self.points.each_ref().map(|count| count.load(Ordering::Relaxed))
        }

        /// When something was accepted last, since the epoch.
        pub(crate) fn last_success(&self) -> Duration {
            Duration::from_nanos(self.last_success.load(Ordering::Relaxed))
        }

        pub(crate) fn last_problem(&self) -> Option<String> {
            lock(&self.last_problem).clone()
        }
    }

    /// The books of every endpoint that one of these contracts is pushed to.
    pub(crate) fn of_contracts(contracts: &[&Contract]) -> Vec<Arc<Books>> {
        let concerns = |books: &&Arc<Books>| {
            let pushed = lock(&books.contracts);
            pushed.iter().any(|pushed| contracts.iter().any(|contract| std::ptr::eq(*pushed, *contract)))
        };
        lock(&ALL).iter().filter(concerns).cloned().collect()
    }
    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::v1::CONTRACT;

        #[test]
        fn what_is_counted_has_the_name_of_what_it_is() {
            let books = Books::of("http://nowhere:1", &[&CONTRACT]);
            let outcomes = [Outcome::Accepted, Outcome::Partial, Outcome::Failed, Outcome::Refused];
            for (outcome, name) in outcomes.into_iter().zip(REQUEST_OUTCOMES) {
                assert_eq!(format!("{outcome:?}").to_lowercase(), name);
                books.count(outcome);
                assert_eq!(books.requests()[outcome as usize], 1, "{name}");
            }
            for (how, name) in [Points::Accepted, Points::Rejected, Points::Dropped].into_iter().zip(POINT_OUTCOMES) {
                assert_eq!(format!("{how:?}").to_lowercase(), name);
            }
            books.accept(0);
            assert_eq!(books.last_success(), Duration::ZERO, "nothing was accepted");
        }
    }
}
