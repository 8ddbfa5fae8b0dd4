//! What the series of a kind consist of.

use std::sync::atomic::AtomicU64;

use super::shard::Block;
use crate::declare::desc::MetricDesc;

/// The cells of a kind's series.
pub trait Cells: Copy + Send + Sync + 'static {
    /// How many cells of a series all threads share.
    const SHARED_CELLS: usize;
    /// How many cells of a series each thread has of its own.
    fn own_cells(desc: &MetricDesc) -> usize;
    /// The value, from the cells that threads share and those that each has of its own.
    fn read<'s, 'b>(
        desc: &MetricDesc,
        shared: Option<&AtomicU64>,
        blocks: impl Iterator<Item = Block<'b>>,
        scratch: &'s mut Vec<u64>,
    ) -> Reading<'s>;
}

/// The value of one series at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading<'a> {
    /// A counter's stored whole number.
    Counter(u64),
    /// The sum of a counter that counts in fractions.
    FloatCounter(f64),
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
            Self::FloatCounter(n) | Self::Gauge(n) => *n == 0.0,
            Self::Histogram { counts, .. } => counts.iter().all(|count| *count == 0),
        }
    }
}
