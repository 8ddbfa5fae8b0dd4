//! Resolved series: what records without looking anything up.

use std::fmt;
use std::time::{Duration, Instant};

use crate::declare::unit::{Countable, CounterUnit, TimeUnit, UnitType};
use crate::emit::metric::{Metric, Packed, change_slowly, count_slowly, has_index, observe_slowly};
use crate::emit::site::Emits;
use crate::store::{Change, Counter, Family, Gauge, Histogram, Kind};

/// A resolved series of the metric `M`, made by [`Emission::handle`](crate::Emission::handle): records without
/// looking anything up. `Copy`, to be kept in a struct.
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
pub type Handle<M> = Resolved<M, <M as Metric>::Kind>;

/// What a [`Handle`] is, with the kind of its metric.
///
/// The function that made it is the site that its recordings count for.
pub struct Resolved<M, K: Kind> {
    /// By which the series is found again after it was removed.
    labels: M,
    series: K::Series,
    site: &'static Emits,
}

impl<M, K: Kind> Resolved<M, K> {
    pub(crate) const fn new(labels: M, series: K::Series, site: &'static Emits) -> Self {
        Self { labels, series, site }
    }
}

// By hand, because a derive would ask it of the kind, which is no value.
impl<M: Copy, K: Kind> Clone for Resolved<M, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Copy, K: Kind> Copy for Resolved<M, K> {}

impl<M: Metric, K: Kind> fmt::Debug for Resolved<M, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Handle").field(&M::DESC.name).finish()
    }
}

impl<M: Metric<Kind = Counter>> Resolved<M, Counter> {
    /// Adds one.
    #[inline(always)]
    pub fn inc(self)
    where
        M::Unit: Countable,
    {
        self.count(1);
    }

    /// Adds `n`, in the metric's unit.
    #[inline(always)]
    pub fn inc_by(self, n: <M::Unit as CounterUnit>::Increment)
    where
        M::Unit: CounterUnit,
    {
        self.count(M::Unit::increment(n));
    }

    #[inline(always)]
    fn count(self, n: u64) {
        if !Family::<Counter>::try_add_at(self.series, has_index::<M>(), n) {
            count_slowly(Packed::of(self.labels), n);
        }
        self.site.mark_hit();
    }
}

impl<M: Metric<Kind = Gauge>> Resolved<M, Gauge> {
    /// Sets the level. Not a number is not recorded, out of the unit's range is; both
    /// are counted as violations.
    #[inline(always)]
    pub fn set(self, level: <M::Unit as UnitType>::Level) {
        let level = M::Unit::level(level);
        if M::family().takes_level(M::DESC.unit, level) {
            self.change(Change::Set(level));
        }
    }

    /// Raises the level by one.
    #[inline(always)]
    pub fn inc(self)
    where
        M::Unit: Countable,
    {
        self.step(1.0);
    }

    /// Lowers the level by one.
    #[inline(always)]
    pub fn dec(self)
    where
        M::Unit: Countable,
    {
        self.step(-1.0);
    }

    /// Raises the level by `n`. What is not a finite number is not recorded, and counted as a violation.
    #[inline(always)]
    pub fn add(self, n: <M::Unit as UnitType>::Level) {
        self.step(M::Unit::level(n));
    }

    /// Lowers the level by `n`. What is not a finite number is not recorded, and counted as a violation.
    #[inline(always)]
    pub fn sub(self, n: <M::Unit as UnitType>::Level) {
        self.step(-M::Unit::level(n));
    }

    #[inline(always)]
    fn step(self, n: f64) {
        if M::family().takes_step(M::DESC.unit, n) {
            // The level that comes out may be out of range; it is recorded all the same.
            M::family().takes_level(M::DESC.unit, self.change(Change::Add(n)));
        }
    }

    #[inline(always)]
    fn change(self, change: Change) -> f64 {
        let level = Family::<Gauge>::try_change_at(self.series, change);
        let level = level.unwrap_or_else(|| change_slowly(Packed::of(self.labels), change));
        self.site.mark_hit();
        level
    }
}

impl<M: Metric<Kind = Histogram>> Resolved<M, Histogram> {
    /// Records one observation. What is not a finite number is not recorded, what is out
    /// of the unit's range is; both are counted as violations.
    #[inline(always)]
    pub fn observe(self, value: <M::Unit as UnitType>::Observation) {
        let value = M::Unit::observation(value);
        if !M::Unit::OBSERVATION_VARIES || M::family().takes_observation(M::DESC.unit, value) {
            if !Family::<Histogram>::try_observe_at(self.series, has_index::<M>(), M::DESC.buckets, value) {
                observe_slowly(Packed::of(self.labels), value);
            }
            self.site.mark_hit();
        }
    }

    /// Starts a timer that records when it is dropped.
    pub fn start_timer(self) -> Timer<M>
    where
        M::Unit: TimeUnit,
    {
        Timer { started: Instant::now(), record: |handle, elapsed| handle.observe(elapsed), handle: Some(self) }
    }
}

/// Measures from [`start_timer`](Resolved::start_timer) until it is dropped, also when
/// that happens in a panic or because a future is cancelled.
#[must_use = "a timer that is not kept measures nothing; bind it to a name, not to `_`"]
pub struct Timer<M> {
    started: Instant,
    handle: Option<Resolved<M, Histogram>>,
    /// Kept as a pointer, so that dropping needs no bound on the unit.
    record: fn(Resolved<M, Histogram>, Duration),
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
