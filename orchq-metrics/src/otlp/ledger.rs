//! What has become of everything that was to be pushed: for whoever asks, and for the scrape.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::contract::Contract;
use crate::desc::MetricKind;
use crate::exposition::{FamilyData, SeriesData, Value};
use crate::pushes;

const REQUESTS_HELP: &str = "Number of requests to the OTLP endpoint, by what became of them.";
const POINTS_HELP: &str = "Number of data points that were to be pushed to the OTLP endpoint, by what became of them.";
const LAST_SUCCESS_HELP: &str = "Unix time at which the OTLP endpoint last accepted metrics; 0 before.";

/// What became of one request: the place of its name in [`pushes::REQUEST_OUTCOMES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Accepted,
    /// Accepted but for some points.
    Partial,
    /// Not answered, or put off: to be tried again.
    Failed,
    /// Refused for good.
    Refused,
}

/// Places in [`pushes::POINT_OUTCOMES`].
const ACCEPTED: usize = 0;
const REJECTED: usize = 1;
const DROPPED: usize = 2;

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
    /// What went wrong last, even if all is well again.
    pub last_failure: Option<String>,
}

/// The books of one endpoint.
#[derive(Debug)]
pub(super) struct Ledger {
    endpoint: String,
    contracts: Mutex<Vec<&'static Contract>>,
    requests: [AtomicU64; pushes::REQUEST_OUTCOMES.len()],
    /// In the order of [`pushes::POINT_OUTCOMES`].
    points: [AtomicU64; pushes::POINT_OUTCOMES.len()],
    /// In nanoseconds since the epoch.
    last_success: AtomicU64,
    last_failure: Mutex<Option<String>>,
}

/// They stay when an exporter ends: a counter that leaves a scrape looks like one that was reset.
static LEDGERS: Mutex<Vec<Arc<Ledger>>> = Mutex::new(Vec::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ledger {
    /// The books of an endpoint, which these contracts are pushed to now.
    pub(super) fn of(endpoint: &str, contracts: &[&'static Contract]) -> Arc<Self> {
        let mut all = lock(&LEDGERS);
        let known = all.iter().find(|ledger| ledger.endpoint == endpoint).cloned();
        let ledger = known.unwrap_or_else(|| {
            let ledger = Arc::new(Self {
                endpoint: endpoint.to_owned(),
                contracts: Mutex::default(),
                requests: Default::default(),
                points: Default::default(),
                last_success: AtomicU64::new(0),
                last_failure: Mutex::default(),
            });
            all.push(Arc::clone(&ledger));
            ledger
        });
        for contract in contracts {
            let mut pushed = lock(&ledger.contracts);
            if !pushed.iter().any(|known| std::ptr::eq(*known, *contract)) {
                pushed.push(contract);
            }
        }
        ledger
    }

    pub(super) fn count(&self, outcome: Outcome) {
        self.requests[outcome as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn accept(&self, points: u64) {
        self.points[ACCEPTED].fetch_add(points, Ordering::Relaxed);
        let since_epoch = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        self.last_success.store(u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn reject(&self, points: u64, why: &str) -> Loss {
        self.points[REJECTED].fetch_add(points, Ordering::Relaxed);
        self.lose(points, why)
    }

    pub(super) fn drop_points(&self, points: u64, why: &str) -> Loss {
        self.points[DROPPED].fetch_add(points, Ordering::Relaxed);
        self.lose(points, why)
    }

    fn lose(&self, points: u64, why: &str) -> Loss {
        *lock(&self.last_failure) = Some(why.to_owned());
        Loss { endpoint: self.endpoint.clone(), points, why: why.to_owned() }
    }

    pub(super) fn status(&self) -> Status {
        let [accepted, rejected, dropped] = &self.points;
        let nanoseconds = self.last_success.load(Ordering::Relaxed);
        let last_success = (nanoseconds > 0).then(|| SystemTime::UNIX_EPOCH + Duration::from_nanos(nanoseconds));
        Status {
            endpoint: self.endpoint.clone(),
            accepted_points: accepted.load(Ordering::Relaxed),
            rejected_points: rejected.load(Ordering::Relaxed),
            dropped_points: dropped.load(Ordering::Relaxed),
            last_success,
            last_failure: lock(&self.last_failure).clone(),
        }
    }
}

/// What the books say of these contracts, as families; none where nothing was ever pushed.
pub(crate) fn families(contracts: &[&Contract]) -> Vec<FamilyData> {
    let concerns = |ledger: &&Arc<Ledger>| {
        let pushed = lock(&ledger.contracts);
        pushed.iter().any(|pushed| contracts.iter().any(|contract| std::ptr::eq(*pushed, *contract)))
    };
    let ledgers: Vec<_> = lock(&LEDGERS).iter().filter(concerns).cloned().collect();
    if ledgers.is_empty() {
        return Vec::new();
    }
    let mut requests = family(pushes::REQUESTS, REQUESTS_HELP, MetricKind::Counter);
    let mut points = family(pushes::POINTS, POINTS_HELP, MetricKind::Counter);
    let mut last_success = family(pushes::LAST_SUCCESS, LAST_SUCCESS_HELP, MetricKind::Gauge);
    for ledger in ledgers {
        let endpoint = || ("endpoint", ledger.endpoint.clone().into());
        let counted = |outcome: &'static str, count: &AtomicU64| SeriesData {
            labels: vec![endpoint(), ("outcome", outcome.into())],
            life: 0,
            value: Value::Integer(count.load(Ordering::Relaxed)),
        };
        for (outcome, count) in pushes::REQUEST_OUTCOMES.into_iter().zip(&ledger.requests) {
            requests.series.push(counted(outcome, count));
        }
        for (outcome, count) in pushes::POINT_OUTCOMES.into_iter().zip(&ledger.points) {
            points.series.push(counted(outcome, count));
        }
        let seconds = Duration::from_nanos(ledger.last_success.load(Ordering::Relaxed)).as_secs_f64();
        last_success.series.push(SeriesData { labels: vec![endpoint()], life: 0, value: Value::Float(seconds) });
    }
    vec![requests, points, last_success]
}

fn family(name: &'static str, help: &'static str, kind: MetricKind) -> FamilyData {
    FamilyData { name, help, kind, buckets: &[], series: Vec::new() }
}
