//! The series of each family, and the numbers that threads have recorded for them.

mod cells;
mod dense;
mod family;
mod gauge;
mod shard;
mod sharded;
mod table;
mod threads;

pub(crate) use cells::Reading;
pub(crate) use dense::LabelSet;
pub use family::{AnyFamily, Family, MetricId};
pub(crate) use gauge::Change;
pub(crate) use shard::Shard;
pub(crate) use threads::{all as all_shards, own as own_shard};

use cells::Cells;

use crate::declare::desc::MetricDesc;

/// The kind of a family as a type parameter; [`MetricKind`](crate::MetricKind) is the same as data.
pub trait Kind: Cells {
    /// A series that was looked up.
    type Series: Copy + Send + Sync + 'static;
    /// What is recorded.
    type Value: Copy;
    /// What a recording gives back.
    type Outcome;
    /// The series of a label set, if it exists and has lost no value. `desc` is the family's, known to the compiler.
    fn known(family: &'static Family<Self>, desc: &MetricDesc, labels: LabelSet<'_>) -> Option<Self::Series>;
    /// The series of a label set, created at zero if there is none.
    fn resolve(family: &'static Family<Self>, labels: LabelSet<'_>) -> Self::Series;
    /// Records for a series, unless it was removed or is new to this thread. `desc` as above.
    fn try_record(
        series: Self::Series,
        has_index: bool,
        desc: &MetricDesc,
        value: Self::Value,
    ) -> Option<Self::Outcome>;
    /// Records for a label set.
    fn record(family: &'static Family<Self>, labels: LabelSet<'_>, value: Self::Value) -> Self::Outcome;
}

/// A sum that only grows, of whole numbers or of fractions.
#[derive(Clone, Copy)]
pub struct Counter<N = u64>(std::marker::PhantomData<N>);
/// A value that goes up and down.
#[derive(Clone, Copy)]
pub struct Gauge;
/// Observations counted into buckets.
#[derive(Clone, Copy)]
pub struct Histogram;
