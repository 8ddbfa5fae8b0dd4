//! The series of each family, and the numbers that threads have recorded for them.

mod dense;
mod family;
mod gauge;
mod shard;
mod sharded;
mod table;
mod threads;

pub(crate) use dense::LabelSet;
pub use family::Family;
pub(crate) use gauge::Change;
pub(crate) use shard::Shard;
pub(crate) use threads::{all as all_shards, own as own_shard};

use std::sync::atomic::AtomicU64;

use crate::declare::desc::MetricDesc;
use crate::declare::label::{Key, Symbol};
use crate::declare::unit::Violation;
use shard::Block;

/// The kind of a family as a type parameter; [`MetricKind`](crate::MetricKind) is the same as data.
pub trait Kind: Copy + Send + Sync + 'static {
    /// A series that was looked up.
    type Series: Copy + Send + Sync + 'static;
    /// What is recorded.
    type Value: Copy;
    /// What a recording gives back.
    type Outcome;
    /// How many cells of a series all threads share.
    const SHARED_CELLS: usize;
    /// How many cells of a series each thread has of its own.
    fn own_cells(desc: &MetricDesc) -> usize;
    /// The series of a label set, if it exists and has lost no value.
    fn known(family: &'static Family<Self>, labels: LabelSet<'_>) -> Option<Self::Series>;
    /// The series of a label set, created at zero if there is none.
    fn resolve(family: &'static Family<Self>, labels: LabelSet<'_>) -> Self::Series;
    /// Records for a series, unless it was removed or is new to this thread. `desc` is the family's, known to
    /// the compiler.
    fn try_record(
        series: Self::Series,
        has_index: bool,
        desc: &MetricDesc,
        value: Self::Value,
    ) -> Option<Self::Outcome>;
    /// Records for a label set.
    fn record(family: &'static Family<Self>, labels: LabelSet<'_>, value: Self::Value) -> Self::Outcome;
    /// The value, from the cells that threads share and those that each has of its own.
    fn read<'s, 'b>(
        desc: &MetricDesc,
        shared: Option<&AtomicU64>,
        blocks: impl Iterator<Item = Block<'b>>,
        scratch: &'s mut Vec<u64>,
    ) -> Reading<'s>;
}

/// A sum that only grows.
#[derive(Clone, Copy)]
pub struct Counter;
/// A value that goes up and down.
#[derive(Clone, Copy)]
pub struct Gauge;
/// Observations counted into buckets.
#[derive(Clone, Copy)]
pub struct Histogram;

/// The value of one series at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading<'a> {
    /// A counter's stored whole number.
    Counter(u64),
    /// A gauge's level.
    Gauge(f64),
    /// A histogram.
    Histogram {
        /// Observations in each bucket, not cumulative; the last bucket is above every bound.
        counts: &'a [u64],
        /// The sum of all observations.
        sum: f64,
    },
}

impl Reading<'_> {
    /// Whether nothing but zero was recorded.
    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Self::Counter(n) => *n == 0,
            Self::Gauge(level) => *level == 0.0,
            Self::Histogram { counts, .. } => counts.iter().all(|count| *count == 0),
        }
    }
}

/// The id of a metric in a site's record: a hash in sixteen hexadecimal digits, as a field.
pub type MetricId = [u8; 17];

/// A family of any kind, for its readers.
pub trait AnyFamily: Send + Sync {
    /// The metric's description.
    fn desc(&self) -> &'static MetricDesc;
    /// The divisor of a stored counter value.
    fn counter_scale(&self) -> f64;
    /// The metric's id in the records of sites.
    fn id(&self) -> &MetricId;
    /// Calls `each` with every series, its generation, and its value in these shards. A series that was removed
    /// and came back has another generation.
    fn visit(&'static self, shards: &[&'static Shard], each: &mut dyn FnMut(Key<'_>, u64, Reading<'_>));
    /// Removes every series whose labels at these indices have these values, and returns how many.
    fn remove(&'static self, labels: &[(usize, Symbol)]) -> usize;
    /// Counts a violation.
    fn count_violation(&self, violation: Violation);
    /// How often each violation happened.
    fn violations(&self) -> [(Violation, u64); Violation::ALL.len()];
    /// How often a label's value, or a whole label set, was lost to a limit.
    fn overflows(&self) -> Vec<(&'static str, u64)>;
}
