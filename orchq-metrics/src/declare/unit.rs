//! Units as types: each decides which values a metric accepts, and how they become the number that is stored
//! and served.

use std::marker::PhantomData;
use std::time::Duration;

/// A unit as a type parameter; [`Unit`](crate::Unit) is the same as a value.
pub trait UnitType: Send + Sync + 'static {
    /// The number that a counter stores for one of the unit.
    const PER_UNIT: f64 = 1.0;
    /// What a gauge in this unit accepts.
    type Level: Copy;
    /// What a histogram in this unit accepts.
    type Observation: Copy;
    /// A level as served.
    fn level(value: Self::Level) -> f64;
    /// Whether an observation can be NaN, infinite or negative.
    const OBSERVATION_VARIES: bool;
    /// An observation as served.
    fn observation(value: Self::Observation) -> f64;
}

/// A unit that a counter can count in whole numbers.
pub trait CounterUnit: UnitType {
    /// What a counter in this unit is increased by.
    type Increment: Copy;
    /// An increment as stored.
    fn increment(value: Self::Increment) -> u64;
}

/// A unit in which one is meaningful, and so `inc()`.
#[diagnostic::on_unimplemented(
    message = "a metric in this unit has no `inc`, no `dec` and no `enter`",
    label = "one what?",
    note = "only counts and bytes go up or down by one; give the amount with `inc_by`, `add`, `sub` or `set`"
)]
pub trait Countable: UnitType {}

/// A unit of time, so that a timer can record it.
#[diagnostic::on_unimplemented(
    message = "values of this metric are not a `Duration`, so it has no `start_timer` and no `time`",
    label = "call `observe(value)`",
    note = "timers record `milliseconds` and `seconds` that are given as a `Duration`, as they are without `value = ..`"
)]
pub trait TimeUnit: UnitType<Observation = Duration> {}

/// `1`, `tokens`, and nouns in braces.
pub struct Count;
/// `bytes`.
pub struct Bytes;
/// `ratio`.
pub struct Ratio;
/// `percent`.
pub struct Percent;
/// `milliseconds`.
pub struct Milliseconds;
/// `seconds`.
pub struct Seconds;
/// A base unit without a type of its own, such as `celsius`.
pub struct Quantity;

/// A unit whose values are given as another type than its own, with `value = ..`.
pub struct Given<U, V>(PhantomData<fn() -> (U, V)>);

macro_rules! number {
    ($unit:ty, level: $level:ty, observation: $observation:ty, varies: $varies:literal $(, for $any:ident)?) => {
        impl$(<$any: UnitType>)? UnitType for $unit {
            type Level = $level;
            type Observation = $observation;
            const OBSERVATION_VARIES: bool = $varies;

            #[inline(always)]
            fn level(value: $level) -> f64 {
                value as f64
            }

            #[inline(always)]
            fn observation(value: $observation) -> f64 {
                value as f64
            }
        }
    };
}

macro_rules! whole {
    ($unit:ty) => {
        impl CounterUnit for $unit {
            type Increment = u64;

            #[inline(always)]
            fn increment(value: u64) -> u64 {
                value
            }
        }

        #[diagnostic::do_not_recommend]
        impl Countable for $unit {}
    };
}

macro_rules! time {
    ($unit:ty, $nanoseconds:literal) => {
        impl UnitType for $unit {
            const PER_UNIT: f64 = $nanoseconds;
            type Level = Duration;
            type Observation = Duration;
            const OBSERVATION_VARIES: bool = false;

            #[inline(always)]
            fn level(value: Duration) -> f64 {
                nanoseconds(value) as f64 / $nanoseconds
            }

            #[inline(always)]
            fn observation(value: Duration) -> f64 {
                Self::level(value)
            }
        }

        impl CounterUnit for $unit {
            type Increment = Duration;

            #[inline(always)]
            fn increment(value: Duration) -> u64 {
                nanoseconds(value) as u64
            }
        }

        #[diagnostic::do_not_recommend]
        impl TimeUnit for $unit {}
    };
}

/// A duration as a signed number, which processors convert to a float in one instruction; at most 272 years.
#[inline(always)]
fn nanoseconds(value: Duration) -> i64 {
    const LONGEST: u64 = 1 << 33;
    value.as_secs().min(LONGEST) as i64 * 1_000_000_000 + i64::from(value.subsec_nanos())
}

// A level of a count may be negative: a difference, a balance.
number!(Count, level: i64, observation: u64, varies: false);
number!(Bytes, level: u64, observation: u64, varies: false);
number!(Ratio, level: f64, observation: f64, varies: true);
number!(Percent, level: f64, observation: f64, varies: true);
number!(Quantity, level: f64, observation: f64, varies: true);
number!(Given<U, f64>, level: f64, observation: f64, varies: true, for U);
number!(Given<U, i64>, level: i64, observation: i64, varies: true, for U);
number!(Given<U, u64>, level: u64, observation: u64, varies: false, for U);
whole!(Count);
whole!(Bytes);
#[diagnostic::do_not_recommend]
impl<V> Countable for Given<Count, V> where Self: UnitType {}
#[diagnostic::do_not_recommend]
impl<V> Countable for Given<Bytes, V> where Self: UnitType {}
time!(Milliseconds, 1e6);
time!(Seconds, 1e9);

/// Why a recorded number or a series of an adopted collector is wrong, or a family is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Violation {
    /// NaN: dropped.
    Nan,
    /// Infinite: recorded only where a gauge is set to it.
    Infinite,
    /// Below zero, where the range begins there: recorded.
    Negative,
    /// Out of the range in any other way: recorded.
    OutOfRange,
    /// Another contract defines the name differently: that contract's family is not served.
    ConflictingContracts,
    /// A label value outside its closed set, in a series of an adopted collector.
    UnknownValue,
    /// A series of an adopted collector that lacks a required label, or has one that the contract does not have.
    WrongLabels,
    /// A series of an adopted collector of another kind.
    WrongKind,
    /// A histogram of an adopted collector that has other buckets.
    WrongBuckets,
    /// An adopted collector that panicked when it was collected.
    Panicked,
}

/// The kind of a violation that is not a recorded value.
pub(crate) const CONFLICTING_CONTRACTS: &str = "conflicting_contracts";

impl Violation {
    pub(crate) const ALL: [Self; 10] = [
        Self::Nan,
        Self::Infinite,
        Self::Negative,
        Self::OutOfRange,
        Self::ConflictingContracts,
        Self::UnknownValue,
        Self::WrongLabels,
        Self::WrongKind,
        Self::WrongBuckets,
        Self::Panicked,
    ];

    /// The value of the label `kind` in `orchq_metrics_violations_total`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Nan => "nan",
            Self::Infinite => "infinite",
            Self::Negative => "negative",
            Self::OutOfRange => "out_of_range",
            Self::ConflictingContracts => CONFLICTING_CONTRACTS,
            Self::UnknownValue => "unknown_value",
            Self::WrongLabels => "wrong_labels",
            Self::WrongKind => "wrong_kind",
            Self::WrongBuckets => "wrong_buckets",
            Self::Panicked => "panicked",
        }
    }

    #[inline(always)]
    pub(crate) fn find(value: f64, range: Option<(f64, f64)>) -> Option<Self> {
        if value.is_nan() {
            return Some(Self::Nan);
        }
        if value.is_infinite() {
            return Some(Self::Infinite);
        }
        match range? {
            (0.0, _) if value < 0.0 => Some(Self::Negative),
            (least, greatest) if value < least || value > greatest => Some(Self::OutOfRange),
            _ => None,
        }
    }
}
