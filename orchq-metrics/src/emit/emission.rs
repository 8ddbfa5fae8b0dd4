//! What a metric records once it is bound to a site: by its labels, or through a handle.

mod in_flight;
mod timed;

pub use in_flight::InFlight;
pub use timed::Timed;

use std::fmt;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use crate::declare::unit::{Countable, CounterUnit, TimeUnit, UnitType};
use crate::emit::lookup::{ByLabels, Find, Resolved};
use crate::emit::metric::Metric;
use crate::emit::metric_ref::Hit;
use crate::store::{Change, Counter, Gauge, Histogram, Kind};

/// A metric with its labels, bound to the site that records it.
///
/// Each method looks the series up; a [`Handle`] has done so.
#[derive(Clone, Copy)]
#[must_use = "nothing is recorded until a method such as `inc`, `set` or `observe` is called; `init` creates the series at zero"]
pub struct Emission<M, K, F = ByLabels> {
    labels: M,
    find: F,
    hit: &'static Hit,
    kind: PhantomData<K>,
}

/// An emission whose series was looked up once, by [`Emission::handle`]. It is `Copy`, to be kept in a struct;
/// the function that made it is the site of its recordings.
///
/// ```
/// use orchq_metrics::v1::{Replica, tokens_out_total};
/// use orchq_metrics::{Handle, emits};
///
/// struct Slot {
///     tokens_out: Handle<tokens_out_total>,
/// }
///
/// impl Slot {
///     #[emits(tokens_out_total)]
///     fn new(replica: Replica) -> Self {
///         Self { tokens_out: tokens_out_total { replica }.handle() }
///     }
///
///     fn token(&self) {
///         self.tokens_out.inc();
///     }
/// }
/// ```
pub type Handle<M> = Emission<M, <M as Metric>::Kind, Resolved<<M as Metric>::Kind>>;

impl<M: fmt::Debug, K, F> fmt::Debug for Emission<M, K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Emission").field(&self.labels).finish()
    }
}

impl<M: Metric<Kind = K>, K: Kind> Emission<M, K> {
    /// Called by generated code only.
    #[doc(hidden)]
    #[inline]
    pub const fn new(labels: M, hit: &'static Hit) -> Self {
        Self { labels, find: ByLabels, hit, kind: PhantomData }
    }

    /// Creates the series at zero, so that the first recording is a change that a query
    /// sees. It is not a recording itself.
    ///
    /// Label sets that are all known beforehand exist anyway: see [`contract`](macro@crate::contract).
    pub fn init(self) {
        self.find.series(self.labels);
    }
}

impl<M: Metric<Kind = K>, K: Kind, F: Find<M>> Emission<M, K, F> {
    /// Looks the series up once, and creates it at zero if it is new.
    pub fn handle(self) -> Handle<M> {
        let Self { labels, hit, kind, .. } = self;
        Emission { labels, find: Resolved(self.find.series(labels)), hit, kind }
    }

    #[inline(always)]
    fn record(&self, value: K::Value) -> K::Outcome {
        self.find.record(&self.labels, value, self.hit)
    }
}

impl<M: Metric<Kind = Counter>, F: Find<M>> Emission<M, Counter, F> {
    /// Adds one.
    #[inline(always)]
    pub fn inc(&self)
    where
        M::Unit: Countable,
    {
        self.record(1);
    }

    /// Adds `n`, in the metric's unit.
    #[inline(always)]
    pub fn inc_by(&self, n: <M::Unit as CounterUnit>::Increment)
    where
        M::Unit: CounterUnit,
    {
        self.record(M::Unit::increment(n));
    }
}

// A value that is dropped creates no series either: one at zero would be a lie.
impl<M: Metric<Kind = Counter<f64>>, F: Find<M>> Emission<M, Counter<f64>, F> {
    /// Adds one.
    #[inline(always)]
    pub fn inc(&self)
    where
        M::Unit: Countable,
    {
        self.record(1.0);
    }

    /// Adds `n`, in the metric's unit. NaN, infinities and values below zero are dropped, and counted as violations.
    #[inline(always)]
    pub fn inc_by(&self, n: f64) {
        if M::family().accepts_increment(n) {
            self.record(n);
        }
    }
}

impl<M: Metric<Kind = Gauge>, F: Find<M>> Emission<M, Gauge, F> {
    /// Sets the level. NaN is dropped; NaN and values out of the metric's range are counted as violations.
    #[inline(always)]
    pub fn set(&self, level: <M::Unit as UnitType>::Level) {
        let level = M::Unit::level(level);
        if M::family().accepts_level(M::RANGE, level) {
            self.record(Change::Set(level));
        }
    }

    /// Raises the level by one.
    #[inline(always)]
    pub fn inc(&self)
    where
        M::Unit: Countable,
    {
        self.step(1.0);
    }

    /// Lowers the level by one.
    #[inline(always)]
    pub fn dec(&self)
    where
        M::Unit: Countable,
    {
        self.step(-1.0);
    }

    /// Raises the level by `n`. NaN and infinities are dropped, and counted as violations.
    #[inline(always)]
    pub fn add(&self, n: <M::Unit as UnitType>::Level) {
        self.step(M::Unit::level(n));
    }

    /// Lowers the level by `n`. NaN and infinities are dropped, and counted as violations.
    #[inline(always)]
    pub fn sub(&self, n: <M::Unit as UnitType>::Level) {
        self.step(-M::Unit::level(n));
    }

    #[inline(always)]
    fn step(&self, n: f64) {
        if M::family().accepts_step(n) {
            // The new level may be out of range; it is recorded all the same.
            M::family().accepts_level(M::RANGE, self.record(Change::Add(n)));
        }
    }
}

impl<M: Metric<Kind = Histogram>, F: Find<M>> Emission<M, Histogram, F> {
    /// Records one observation. NaN and infinities are dropped; these and values out of the metric's
    /// range are counted as violations.
    #[inline(always)]
    pub fn observe(&self, value: <M::Unit as UnitType>::Observation) {
        let value = M::Unit::observation(value);
        if !M::CHECKS_OBSERVATIONS || M::family().accepts_observation(M::RANGE, value) {
            self.record(value);
        }
    }

    /// Starts a timer that records when it is dropped. The series exists from here on, at zero,
    /// even if the timer is discarded.
    pub fn start_timer(self) -> Timer<M>
    where
        M::Unit: TimeUnit,
    {
        Timer {
            started: Instant::now(),
            record: |handle, elapsed| handle.observe(elapsed),
            handle: Some(self.handle()),
        }
    }
}

type HistogramHandle<M> = Emission<M, Histogram, Resolved<Histogram>>;

/// Measures from [`start_timer`](Emission::start_timer) until it is dropped, also when
/// that happens in a panic or because a future is cancelled.
#[must_use = "a timer that is not kept measures nothing; bind it to a name, not to `_`"]
pub struct Timer<M> {
    started: Instant,
    handle: Option<HistogramHandle<M>>,
    /// Kept as a pointer, so that dropping needs no bound on the unit.
    record: fn(HistogramHandle<M>, Duration),
}

impl<M> Timer<M> {
    /// Records now, and returns what was recorded.
    pub fn stop(mut self) -> Duration {
        self.finish()
    }

    /// Ends without recording.
    pub fn discard(mut self) {
        self.handle = None;
    }

    fn finish(&mut self) -> Duration {
        let elapsed = self.started.elapsed();
        if let Some(handle) = self.handle.take() {
            (self.record)(handle, elapsed);
        }
        elapsed
    }
}

impl<M> Drop for Timer<M> {
    fn drop(&mut self) {
        self.finish();
    }
}

impl<M: Metric> fmt::Debug for Timer<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("metric", &M::DESC.name).field("elapsed", &self.started.elapsed()).finish()
    }
}
