//! A gauge of what is under way.

use std::fmt;

use super::Emission;
use crate::declare::unit::Countable;
use crate::emit::lookup::{Find, Resolved};
use crate::emit::metric::Metric;
use crate::store::{Change, Gauge};

type GaugeHandle<M> = Emission<M, Gauge, Resolved<Gauge>>;

impl<M: Metric<Kind = Gauge>, F: Find<M>> Emission<M, Gauge, F> {
    /// Raises the level by one, and lowers it by one when the guard is dropped: for a gauge of what is in flight.
    ///
    /// ```
    /// use orchq_metrics::{contract, emits, text};
    ///
    /// #[contract(name = "phone", version = "1.0.0")]
    /// mod metrics {
    ///     /// Number of calls in flight.
    ///     #[gauge(unit = "{call}")]
    ///     pub struct calls_in_flight {}
    /// }
    ///
    /// #[emits(metrics::calls_in_flight)]
    /// fn answer() {
    ///     let _in_flight = metrics::calls_in_flight {}.enter();
    ///     assert!(text::encode(&metrics::CONTRACT).contains("calls_in_flight 1\n"));
    /// }
    ///
    /// fn main() {
    ///     answer();
    ///     assert!(text::encode(&metrics::CONTRACT).contains("calls_in_flight 0\n"));
    /// }
    /// ```
    pub fn enter(self) -> InFlight<M>
    where
        M::Unit: Countable,
    {
        let handle = self.handle();
        handle.step(1.0);
        InFlight { handle: Some(handle), has_series: handle.change_if_present(0.0), leave: GaugeHandle::leave }
    }
}

impl<M: Metric<Kind = Gauge>> GaugeHandle<M> {
    /// Changes the level, unless the series was removed.
    fn change_if_present(self, n: f64) -> bool {
        self.find.0.change(Change::Add(n)).is_some()
    }

    /// A removed series took its level along: lowering a new one would leave it at -1. The overflow series is never
    /// removed, and is found by its labels only.
    fn leave(self, has_series: bool) {
        if !has_series {
            self.step(-1.0);
        } else if self.change_if_present(-1.0) {
            self.hit.mark();
        }
    }
}

/// Counts as in flight from [`enter`](Emission::enter) until it is dropped, also when that happens in a panic or
/// because a future is cancelled. If the series is removed meanwhile, dropping it changes nothing.
#[must_use = "a guard that is not kept leaves at once; bind it to a name, not to `_`"]
pub struct InFlight<M> {
    /// Taken when it is dropped.
    handle: Option<GaugeHandle<M>>,
    /// Whether it counts in a series of its own label set, and not in the overflow series.
    has_series: bool,
    /// Kept as a pointer, so that dropping needs no bound on the metric.
    leave: fn(GaugeHandle<M>, bool),
}

impl<M> Drop for InFlight<M> {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            (self.leave)(handle, self.has_series);
        }
    }
}

impl<M: Metric> fmt::Debug for InFlight<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InFlight").field("metric", &M::DESC.name).finish_non_exhaustive()
    }
}
