//! The emission path: from a metric's struct, through a site, to a cell.

use std::marker::PhantomData;
use std::time::{Duration, Instant};

use crate::desc::MetricDesc;
use crate::label::{Labels, Symbol, SymbolWriter};
use crate::site::Emits;
use crate::store::{AnyFamily, Counter, Family, Gauge, Histogram, Kind};
use crate::unit::{Countable, CounterUnit, TimeUnit, UnitType, Violation};

/// A metric of a contract: a struct whose fields are its labels.
///
/// Implemented by [`contract`](macro@crate::contract), for nothing else.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric of a contract",
    note = "metrics are the structs marked `#[counter]`, `#[gauge]` or `#[histogram]` in a `#[contract]` module"
)]
pub trait Metric: Labels {
    /// Counter, gauge or histogram.
    #[doc(hidden)]
    type Kind: Kind;
    /// What its values are measured in.
    #[doc(hidden)]
    type Unit: UnitType;
    /// A label set as symbols, one for each flattened label.
    #[doc(hidden)]
    type Key: AsRef<[Symbol]> + AsMut<[Symbol]>;
    /// A key with every label absent.
    #[doc(hidden)]
    const EMPTY_KEY: Self::Key;
    /// What the metric is.
    const DESC: &'static MetricDesc;
    /// Where its series are.
    #[doc(hidden)]
    fn family() -> &'static Family<Self::Kind>;
}

/// The bound that no metric meets: a metric is recorded through the site that
/// `#[emits]` puts behind it, never by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is recorded outside a function annotated for it",
    label = "not listed by an enclosing `#[emits(..)]`",
    note = "annotate the enclosing function with `#[emits({Self})]`, or add it to the list there"
)]
pub trait Annotated {}

/// What a metric dereferences to where no annotation has bound it to a site: the
/// same methods as [`Emission`], none of which can be called.
pub struct Unannotated<M>(PhantomData<fn() -> M>);

/// The methods that take a value take any: the missing annotation is the one error to report.
macro_rules! unannotated {
    ($($method:ident),*) => {
        impl<M: Metric> Unannotated<M> {
            pub(crate) const VALUE: &'static Self = &Self(PhantomData);

            $(
                /// Needs an annotation: see [`emits`](macro@crate::emits).
                pub fn $method<V>(&self, _: V) where M: Annotated {}
            )*
        }
    };
}

unannotated!(inc_by, set, add, sub, observe);

impl<M: Metric> Unannotated<M> {
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn inc(&self)
    where
        M: Annotated,
    {
    }

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn dec(&self)
    where
        M: Annotated,
    {
    }

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn handle(&self) -> Resolved<M, M::Kind>
    where
        M: Annotated,
    {
        unreachable!("no metric is `Annotated`")
    }

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn start_timer(&self) -> Timer<M>
    where
        M: Annotated,
    {
        unreachable!("no metric is `Annotated`")
    }
}

/// A metric with its labels, bound to the site that records it.
#[must_use = "nothing is recorded until a method such as `inc`, `set` or `observe` is called"]
pub struct Emission<M, K> {
    labels: M,
    site: &'static Emits,
    kind: PhantomData<K>,
}

impl<M: Metric<Kind = K>, K: Kind> Emission<M, K> {
    pub(crate) const fn new(labels: M, site: &'static Emits) -> Self {
        Self { labels, site, kind: PhantomData }
    }

    /// Resolves the label set once. The handle is `Copy`, to be kept in a struct; the
    /// series exists from here on, at zero.
    pub fn handle(self) -> Resolved<M, K> {
        let mut key = M::EMPTY_KEY;
        self.labels.write(&mut SymbolWriter::new(key.as_mut()));
        Resolved { cell: M::family().cell(key.as_ref()), site: self.site, metric: PhantomData }
    }
}

/// A resolved series of the metric `M`, made by [`Emission::handle`]: records without
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
/// Where it was made is the site that its recordings are counted for.
pub struct Resolved<M, K: Kind> {
    cell: &'static K::Cell,
    site: &'static Emits,
    metric: PhantomData<fn() -> M>,
}

impl<M, K: Kind> Clone for Resolved<M, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M, K: Kind> Copy for Resolved<M, K> {}

impl<M: Metric, K: Kind> std::fmt::Debug for Resolved<M, K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Handle").field(&M::DESC.name).finish()
    }
}

/// Writes a method once, for handles, and lets an emission resolve itself and call it.
macro_rules! recording {
    (
        impl $kind:ident where $unit:path {
            $($(#[$doc:meta])* fn $method:ident($this:ident $(, $value:ident: $type:ty)?) $body:block)*
        }
    ) => {
        impl<M: Metric<Kind = $kind>> Resolved<M, $kind> where M::Unit: $unit {
            $($(#[$doc])* pub fn $method($this $(, $value: $type)?) $body)*
        }

        impl<M: Metric<Kind = $kind>> Emission<M, $kind> where M::Unit: $unit {
            $($(#[$doc])* pub fn $method(self $(, $value: $type)?) { self.handle().$method($($value)?) })*
        }
    };
}

recording! {
    impl Counter where CounterUnit {
        /// Adds `n`, in the metric's unit.
        fn inc_by(self, n: <M::Unit as CounterUnit>::Increment) {
            self.cell.add(M::Unit::increment(n));
            self.site.mark_hit();
        }
    }
}

recording! {
    impl Gauge where UnitType {
        /// Sets the level. Not a number is not recorded, out of the unit's range is;
        /// both are counted as violations.
        fn set(self, level: <M::Unit as UnitType>::Level) {
            let level = M::Unit::level(level);
            if M::family().inspect(level) != Some(Violation::Nan) {
                self.cell.set(level);
                self.site.mark_hit();
            }
        }

        /// Raises the level by `n`.
        fn add(self, n: <M::Unit as UnitType>::Level) {
            self.shift(M::Unit::level(n));
        }

        /// Lowers the level by `n`.
        fn sub(self, n: <M::Unit as UnitType>::Level) {
            self.shift(-M::Unit::level(n));
        }
    }
}

impl<M: Metric<Kind = Gauge>> Resolved<M, Gauge> {
    fn shift(self, n: f64) {
        if n.is_nan() {
            M::family().inspect(n);
            return;
        }
        let level = self.cell.add(n);
        M::family().inspect(level);
        self.site.mark_hit();
    }
}

recording! {
    impl Histogram where UnitType {
        /// Records one observation. What is not a finite number is not recorded, what is
        /// out of the unit's range is; both are counted as violations.
        fn observe(self, value: <M::Unit as UnitType>::Observation) {
            let value = M::Unit::observation(value);
            if !matches!(M::family().inspect(value), Some(Violation::Nan | Violation::Infinite)) {
                self.cell.observe(value);
                self.site.mark_hit();
            }
        }
    }
}

/// One bound for each method, so that the error for a unit without it points at the call.
macro_rules! one_by_one {
    ($kind:ident, $this:ident, $(($(#[$doc:meta])* $method:ident, $body:expr)),+) => {
        impl<M: Metric<Kind = $kind>> Resolved<M, $kind> {
            $($(#[$doc])* pub fn $method(self) where M::Unit: Countable {
                let $this = self;
                $body;
                self.site.mark_hit();
            })+
        }

        impl<M: Metric<Kind = $kind>> Emission<M, $kind> {
            $($(#[$doc])* pub fn $method(self) where M::Unit: Countable { self.handle().$method() })+
        }
    };
}

one_by_one!(
    Counter,
    this,
    (
        #[doc = "Adds one."]
        inc,
        this.cell.add(<M::Unit as Countable>::ONE)
    )
);
one_by_one!(
    Gauge,
    this,
    (
        #[doc = "Raises the level by one."]
        inc,
        this.shift(1.0)
    ),
    (
        #[doc = "Lowers the level by one."]
        dec,
        this.shift(-1.0)
    )
);

impl<M: Metric<Kind = Histogram>> Resolved<M, Histogram> {
    /// Starts a timer that records when it is dropped.
    pub fn start_timer(self) -> Timer<M>
    where
        M::Unit: TimeUnit,
    {
        Timer { started: Instant::now(), record: |handle, elapsed| handle.observe(elapsed), handle: Some(self) }
    }
}

impl<M: Metric<Kind = Histogram>> Emission<M, Histogram> {
    /// Starts a timer that records when it is dropped.
    pub fn start_timer(self) -> Timer<M>
    where
        M::Unit: TimeUnit,
    {
        self.handle().start_timer()
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

impl<M: Metric> std::fmt::Debug for Timer<M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Timer").field("metric", &M::DESC.name).field("elapsed", &self.started.elapsed()).finish()
    }
}

/// The family of a metric, its kind erased.
pub(crate) fn any_family<M: Metric>() -> &'static dyn AnyFamily {
    M::family()
}
