//! A metric's struct, bound to a site or not, and what it can record.

use std::fmt;
use std::marker::PhantomData;

use crate::declare::desc::MetricDesc;
use crate::declare::label::{Key, Labels, SymbolWriter};
use crate::declare::unit::{Countable, CounterUnit, TimeUnit, UnitType};
use crate::emit::handle::{Resolved, Timer};
use crate::emit::record::MetricId;
use crate::emit::site::{Emits, MetricRef};
use crate::store::{AnyFamily, Change, Counter, DENSE_AT_MOST, Family, Gauge, Histogram, Kind, LabelSet};

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
    /// A label set as symbols, two to a word.
    #[doc(hidden)]
    type Key: AsRef<[u64]> + AsMut<[u64]> + Copy;
    /// A key with every label absent.
    #[doc(hidden)]
    const EMPTY_KEY: Self::Key;
    /// What the metric is.
    const DESC: &'static MetricDesc;
    /// What it is called in the records of sites.
    #[doc(hidden)]
    const ID: MetricId;
    /// What it leaves among the records itself.
    #[doc(hidden)]
    const RECORD: &'static [u8];
    /// What a site has of it. Here, it is worked out once for all sites of a crate.
    #[doc(hidden)]
    const REF: MetricRef =
        MetricRef { desc: Self::DESC, family: any_family::<Self>, id: &Self::ID, record: Self::RECORD };
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

// The methods that take a value take any: the missing annotation is the one error to report.
impl<M: Metric> Unannotated<M> {
    pub(crate) const VALUE: &'static Self = &Self(PhantomData);

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    #[rustfmt::skip]
    pub fn inc(&self) where M: Annotated {}

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    #[rustfmt::skip]
    pub fn inc_by<V>(&self, _: V) where M: Annotated {}

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    #[rustfmt::skip]
    pub fn set<V>(&self, _: V) where M: Annotated {}

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    #[rustfmt::skip]
    pub fn dec(&self) where M: Annotated {}

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    #[rustfmt::skip]
    pub fn add<V>(&self, _: V) where M: Annotated {}

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    #[rustfmt::skip]
    pub fn sub<V>(&self, _: V) where M: Annotated {}

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    #[rustfmt::skip]
    pub fn observe<V>(&self, _: V) where M: Annotated {}

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn start_timer(&self) -> Timer<M>
    where
        M: Annotated,
    {
        unreachable!("no metric is `Annotated`")
    }

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    #[rustfmt::skip]
    pub fn init(&self) where M: Annotated {}

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn handle(&self) -> Resolved<M, M::Kind>
    where
        M: Annotated,
    {
        unreachable!("no metric is `Annotated`")
    }
}

/// A metric with its labels, bound to the site that records it.
///
/// Each method looks the series up; [`handle`](Self::handle) does so once.
#[must_use = "nothing is recorded until a method such as `inc`, `set` or `observe` is called"]
pub struct Emission<M, K> {
    labels: M,
    site: &'static Emits,
    kind: PhantomData<K>,
}

// By hand, because a derive would ask it of the kind, which is no value.
impl<M: Copy, K> Clone for Emission<M, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Copy, K> Copy for Emission<M, K> {}

impl<M: fmt::Debug, K> fmt::Debug for Emission<M, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Emission").field(&self.labels).finish()
    }
}

impl<M: Metric<Kind = K>, K: Kind> Emission<M, K> {
    pub(crate) const fn new(labels: M, site: &'static Emits) -> Self {
        Self { labels, site, kind: PhantomData }
    }

    /// Resolves the label set once. The handle is `Copy`, to be kept in a struct; the
    /// series exists from here on, at zero.
    #[must_use = "a handle that is not kept records nothing; to have the series at zero, call `init`"]
    pub fn handle(self) -> Resolved<M, K> {
        Resolved::new(self.labels, resolve(self.labels), self.site)
    }

    /// Has the series exist from here on, at zero, so that the first recording is a change
    /// that a query sees. It is not a recording itself.
    ///
    /// Label sets that are all known beforehand exist anyway: see [`contract`](macro@crate::contract).
    pub fn init(self) {
        resolve(self.labels);
    }
}

/// Whether the label sets of a metric are all known beforehand.
#[inline(always)]
pub(crate) const fn has_index<M: Metric>() -> bool {
    M::SETS <= DENSE_AT_MOST
}

/// The label set of a metric, packed, and its index where there is one.
pub(crate) struct Packed<M: Metric> {
    words: M::Key,
    index: Option<usize>,
}

// By hand, because a derive would ask it of the metric.
impl<M: Metric> Clone for Packed<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: Metric> Copy for Packed<M> {}

impl<M: Metric> Packed<M> {
    #[inline(always)]
    pub(crate) fn of(labels: M) -> Self {
        let mut words = M::EMPTY_KEY;
        labels.write(&mut SymbolWriter::new(words.as_mut()));
        let index = if has_index::<M>() { Some(labels.index()) } else { None };
        Self { words, index }
    }

    #[inline(always)]
    pub(crate) fn key(&self) -> Key<'_> {
        Key::new(self.words.as_ref())
    }

    #[inline(always)]
    fn set(&self) -> LabelSet<'_> {
        LabelSet { key: self.key(), index: self.index }
    }
}

fn resolve<M: Metric>(labels: M) -> <M::Kind as Kind>::Series {
    M::Kind::resolve(M::family(), Packed::of(labels).set())
}

// What an emission does that is not over in a few steps. They take a copy, so that the label
// set of one that is over never has to leave the registers.

#[cold]
#[inline(never)]
pub(crate) fn count_slowly<M: Metric<Kind = Counter>>(labels: Packed<M>, n: u64) {
    M::family().add(labels.set(), n);
}

#[cold]
#[inline(never)]
pub(crate) fn change_slowly<M: Metric<Kind = Gauge>>(labels: Packed<M>, change: Change) -> f64 {
    M::family().change(labels.set(), change)
}

#[cold]
#[inline(never)]
pub(crate) fn observe_slowly<M: Metric<Kind = Histogram>>(labels: Packed<M>, value: f64) {
    M::family().observe(labels.set(), value);
}

impl<M: Metric<Kind = Counter>> Emission<M, Counter> {
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
        let labels = Packed::of(self.labels);
        if !M::family().try_add(labels.set(), n) {
            count_slowly(labels, n);
        }
        self.site.mark_hit();
    }
}

// A value that is not recorded makes no series either: one at zero would be a lie.
impl<M: Metric<Kind = Gauge>> Emission<M, Gauge> {
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
        let labels = Packed::of(self.labels);
        let level = M::family().try_change(labels.set(), change).unwrap_or_else(|| change_slowly(labels, change));
        self.site.mark_hit();
        level
    }
}

impl<M: Metric<Kind = Histogram>> Emission<M, Histogram> {
    /// Records one observation. What is not a finite number is not recorded, what is out
    /// of the unit's range is; both are counted as violations.
    #[inline(always)]
    pub fn observe(self, value: <M::Unit as UnitType>::Observation) {
        let value = M::Unit::observation(value);
        if !M::Unit::OBSERVATION_VARIES || M::family().takes_observation(M::DESC.unit, value) {
            let labels = Packed::of(self.labels);
            if !M::family().try_observe(labels.set(), M::DESC.buckets, value) {
                observe_slowly(labels, value);
            }
            self.site.mark_hit();
        }
    }

    /// Starts a timer that records when it is dropped. The series exists from here on, at zero, also if the timer is discarded.
    pub fn start_timer(self) -> Timer<M>
    where
        M::Unit: TimeUnit,
    {
        self.handle().start_timer()
    }
}

/// The family of a metric, its kind erased.
#[must_use]
pub fn any_family<M: Metric>() -> &'static dyn AnyFamily {
    M::family()
}
