//! The methods that an emission lacks because metrics of other kinds have them: a call is an error that names
//! the right ones.

use crate::emit::emission::{Emission, InFlight, Timed, Timer};
use crate::store::{Counter, Gauge, Histogram};

/// The bound that no metric meets, of methods that a counter lacks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a counter, which has no such method",
    label = "call `inc_by(n)`, or for counts and bytes `inc()`"
)]
pub trait NotACounter {}

/// The bound that no metric meets, of methods that a gauge lacks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a gauge, which has no such method",
    label = "call `set(level)`, `add(n)` or `sub(n)`, or for counts and bytes `inc()`, `dec()` or `enter()`"
)]
pub trait NotAGauge {}

/// The bound that no metric meets, of methods that a histogram lacks.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is a histogram, which has no such method",
    label = "call `observe(value)`, or for times `start_timer()` or `time(future)`"
)]
pub trait NotAHistogram {}

// They take any value: the kind is the one error to report. The compiler shows the line of the method, so that
// each is in one.
#[rustfmt::skip]
#[doc(hidden)]
impl<M, N, F> Emission<M, Counter<N>, F> {
    pub fn set<V>(self, _: V) where M: NotACounter {}
    pub fn dec(self) where M: NotACounter {}
    pub fn add<V>(self, _: V) where M: NotACounter {}
    pub fn sub<V>(self, _: V) where M: NotACounter {}
    pub fn observe<V>(self, _: V) where M: NotACounter {}
    pub fn start_timer(self) -> Timer<M> where M: NotACounter { unreachable!("no metric is `NotACounter`") }
    pub fn time<V>(self, _: V) -> Timed<M, V> where M: NotACounter { unreachable!("no metric is `NotACounter`") }
    pub fn enter(self) -> InFlight<M> where M: NotACounter { unreachable!("no metric is `NotACounter`") }
}

#[rustfmt::skip]
#[doc(hidden)]
impl<M, F> Emission<M, Gauge, F> {
    pub fn inc_by<V>(self, _: V) where M: NotAGauge {}
    pub fn observe<V>(self, _: V) where M: NotAGauge {}
    pub fn start_timer(self) -> Timer<M> where M: NotAGauge { unreachable!("no metric is `NotAGauge`") }
    pub fn time<V>(self, _: V) -> Timed<M, V> where M: NotAGauge { unreachable!("no metric is `NotAGauge`") }
}

#[rustfmt::skip]
#[doc(hidden)]
impl<M, F> Emission<M, Histogram, F> {
    pub fn inc(self) where M: NotAHistogram {}
    pub fn inc_by<V>(self, _: V) where M: NotAHistogram {}
    pub fn set<V>(self, _: V) where M: NotAHistogram {}
    pub fn dec(self) where M: NotAHistogram {}
    pub fn add<V>(self, _: V) where M: NotAHistogram {}
    pub fn sub<V>(self, _: V) where M: NotAHistogram {}
    pub fn enter(self) -> InFlight<M> where M: NotAHistogram { unreachable!("no metric is `NotAHistogram`") }
}
