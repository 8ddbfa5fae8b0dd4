//! Counters and histograms: each thread adds up its own.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::cells::{Cells, Reading};
use super::dense::LabelSet;
use super::family::Family;
use super::shard::{self, Block, Location, Tagged};
use super::table::{Found, Generation, IS_OVERFLOW, LOST_A_VALUE, NEVER, Table};
use super::{Counter, Histogram, Kind, threads};
use crate::declare::desc::{MetricDesc, label_sets};
use crate::declare::label::Key;
use crate::declare::unit::Violation;

/// Where each thread finds its own cells of a series.
#[derive(Clone, Copy)]
pub struct Sharded {
    location: Location,
    /// Zero in a family with an index: its series are never removed, and their blocks have no tag. The fast
    /// path does not look here, because the compiler knows which families have an index.
    generation: Generation,
}

impl Sharded {
    #[inline(always)]
    fn at_index(range: u32, index: usize, own_cells: usize) -> Self {
        Self { location: Location { range, start: index * own_cells }, generation: 0 }
    }

    #[inline(always)]
    fn at_slot(found: Found, own_cells: usize) -> Self {
        // After each tag.
        let start = found.block() * (own_cells + 1);
        Self { location: Location { range: found.range(), start }, generation: found.generation }
    }
}

/// What a counter adds up.
pub trait Number: Copy + Send + Sync + 'static {
    /// Adds it to a cell that this thread owns.
    fn add_to(self, cell: &AtomicU64);
    /// The sum of these cells.
    fn sum<'b>(cells: impl Iterator<Item = &'b AtomicU64>) -> Reading<'static>;
}

impl Number for u64 {
    #[inline(always)]
    fn add_to(self, cell: &AtomicU64) {
        shard::add(cell, self);
    }

    fn sum<'b>(cells: impl Iterator<Item = &'b AtomicU64>) -> Reading<'static> {
        Reading::Counter(cells.fold(0, |sum, cell| sum.wrapping_add(cell.load(Relaxed))))
    }
}

impl Number for f64 {
    #[inline(always)]
    fn add_to(self, cell: &AtomicU64) {
        cell.store((Self::from_bits(cell.load(Relaxed)) + self).to_bits(), Relaxed);
    }

    // The shards are always in the same order, so that rounding never makes the sum shrink.
    fn sum<'b>(cells: impl Iterator<Item = &'b AtomicU64>) -> Reading<'static> {
        Reading::FloatCounter(cells.fold(0.0, |sum, cell| sum + Self::from_bits(cell.load(Relaxed))))
    }
}

impl<N: Number> Cells for Counter<N> {
    const SHARED_CELLS: usize = 0;

    #[inline(always)]
    fn own_cells(_: &MetricDesc) -> usize {
        1
    }

    fn read<'s, 'b>(
        _: &MetricDesc,
        _: Option<&AtomicU64>,
        blocks: impl Iterator<Item = Block<'b>>,
        _: &'s mut Vec<u64>,
    ) -> Reading<'s> {
        N::sum(blocks.filter_map(|block| block.cell(0)))
    }
}

impl<N: Number> Kind for Counter<N> {
    type Series = Sharded;
    type Value = N;
    type Outcome = ();

    fn resolve(family: &'static Family<Self>, labels: LabelSet<'_>) -> Sharded {
        family.resolve(labels)
    }

    #[inline(always)]
    fn known(family: &'static Family<Self>, desc: &MetricDesc, labels: LabelSet<'_>) -> Option<Sharded> {
        family.known(desc, labels)
    }

    #[inline(always)]
    fn try_record(series: Sharded, has_index: bool, _: &MetricDesc, n: N) -> Option<()> {
        let block = threads::near_block(series.location)?;
        let cell = if has_index { block.cell(0) } else { Tagged(block).single(series.generation) };
        cell.map(|cell| n.add_to(cell))
    }

    fn record(family: &'static Family<Self>, labels: LabelSet<'_>, n: N) {
        family.record(labels, &|block| block.cell(0).map(|cell| n.add_to(cell)));
    }
}

/// The sum, and a count for each bucket.
impl Cells for Histogram {
    const SHARED_CELLS: usize = 0;

    #[inline(always)]
    fn own_cells(desc: &MetricDesc) -> usize {
        desc.buckets.len() + 2
    }

    fn read<'s, 'b>(
        desc: &MetricDesc,
        _: Option<&AtomicU64>,
        blocks: impl Iterator<Item = Block<'b>>,
        counts: &'s mut Vec<u64>,
    ) -> Reading<'s> {
        counts.clear();
        counts.resize(desc.buckets.len() + 1, 0);
        let mut sum = 0.0;
        for block in blocks {
            sum += block.cell(0).map_or(0.0, |cell| f64::from_bits(cell.load(Relaxed)));
            for (bucket, count) in counts.iter_mut().enumerate() {
                *count += block.cell(1 + bucket).map_or(0, |cell| cell.load(Relaxed));
            }
        }
        Reading::Histogram { counts, sum }
    }
}

impl Kind for Histogram {
    type Series = Sharded;
    type Value = f64;
    type Outcome = ();

    fn resolve(family: &'static Family<Self>, labels: LabelSet<'_>) -> Sharded {
        family.resolve(labels)
    }

    #[inline(always)]
    fn known(family: &'static Family<Self>, desc: &MetricDesc, labels: LabelSet<'_>) -> Option<Sharded> {
        family.known(desc, labels)
    }

    #[inline(always)]
    fn try_record(series: Sharded, has_index: bool, desc: &MetricDesc, value: f64) -> Option<()> {
        let block = threads::near_block(series.location)?;
        write_at(series, has_index, block, |block| observe(block, desc.buckets, value))
    }

    fn record(family: &'static Family<Self>, labels: LabelSet<'_>, value: f64) {
        family.record(labels, &|block| observe(block, family.desc.buckets, value));
    }
}

impl<K: Kind<Series = Sharded>> Family<K> {
    /// The series of a label set, if it exists and has lost no value.
    #[inline(always)]
    fn known(&'static self, desc: &MetricDesc, labels: LabelSet<'_>) -> Option<Sharded> {
        self.look_up(desc, labels, Table::try_find).filter(|series| series.generation & LOST_A_VALUE == 0)
    }

    /// Records for a label set.
    fn record(&'static self, labels: LabelSet<'_>, write: &dyn Fn(Block<'_>) -> Option<()>) {
        let known = self.look_up(self.desc, labels, Table::find);
        let known = known.filter(|series| {
            let block = threads::own_block(series.location);
            write_at(*series, labels.index.is_some(), block, write).is_some()
        });
        let series = known.unwrap_or_else(|| self.record_first(labels, write));
        self.notice(labels, series.generation);
    }

    /// The series of a label set, if it exists.
    #[inline(always)]
    fn look_up(
        &'static self,
        desc: &MetricDesc,
        labels: LabelSet<'_>,
        find: impl FnOnce(&'static Table, Key<'_>, usize) -> Option<Found>,
    ) -> Option<Sharded> {
        let own_cells = K::own_cells(desc);
        match labels.index {
            Some(index) => self.known_dense_range().map(|range| Sharded::at_index(range, index, own_cells)),
            None => find(&self.table, labels.key, K::SHARED_CELLS).map(|found| Sharded::at_slot(found, own_cells)),
        }
    }

    /// The series of a label set, created at zero if there is none.
    fn resolve(&'static self, labels: LabelSet<'_>) -> Sharded {
        let series = self.look_up(self.desc, labels, Table::find).unwrap_or_else(|| match labels.index {
            Some(index) => Sharded::at_index(self.dense_range(), index, K::own_cells(self.desc)),
            None => {
                let found = self.find_or_make(&mut self.table.edit(), labels.key, |_| {});
                Sharded::at_slot(found, K::own_cells(self.desc))
            }
        });
        self.notice(labels, series.generation);
        // A handle never points to the overflow series: there may be room when it records.
        let generation = if series.generation & IS_OVERFLOW == 0 { series.generation } else { NEVER };
        Sharded { generation, ..series }
    }

    /// The first recording of this thread for a series, also after a removal.
    fn record_first(&'static self, labels: LabelSet<'_>, write: &dyn Fn(Block<'_>) -> Option<()>) -> Sharded {
        let cells = K::own_cells(self.desc);
        if let Some(index) = labels.index {
            let series = Sharded::at_index(self.dense_range(), index, cells);
            let all = label_sets(self.desc.labels).unwrap_or_default() * cells;
            threads::with_block(series.location, all, write);
            return series;
        }
        // Held to the end, so that no removal comes between the claim and the recording.
        let mut edit = self.table.edit();
        let found = self.find_or_make(&mut edit, labels.key, |_| {});
        let series = Sharded::at_slot(found, cells);
        let range_cells = found.range_blocks() * (cells + 1);
        threads::with_block(series.location, range_cells, |block| write(Tagged(block).claim(series.generation, cells)));
        series
    }
}

/// Writes to a thread's own cells of a series, if it has any and the series was not removed.
#[inline(always)]
fn write_at(series: Sharded, has_index: bool, block: Block<'_>, write: impl Fn(Block<'_>) -> Option<()>) -> Option<()> {
    if has_index { write(block) } else { Tagged(block).of(series.generation).and_then(write) }
}

impl Family<Counter<f64>> {
    /// Whether a counter accepts this increment; a violation is counted. The sum would shrink, or be spoilt for good.
    #[inline(always)]
    pub(crate) fn accepts_increment(&self, n: f64) -> bool {
        self.inspect(Some((0.0, f64::INFINITY)), n).is_none()
    }
}

impl Family<Histogram> {
    /// Whether a histogram accepts this value; a violation is counted. An infinite
    /// one would spoil the sum for good.
    #[inline(always)]
    pub(crate) fn accepts_observation(&self, range: Option<(f64, f64)>, value: f64) -> bool {
        !matches!(self.inspect(range, value), Some(Violation::Nan | Violation::Infinite))
    }
}

/// The sum comes first, and then a count for each bucket.
#[inline(always)]
fn observe(block: Block<'_>, bounds: &[f64], value: f64) -> Option<()> {
    let (sum, count) = (block.cell(0)?, block.cell(1 + bucket(bounds, value))?);
    value.add_to(sum);
    1_u64.add_to(count);
    Some(())
}

/// The first bucket that a value fits into; the one behind the last bound accepts any.
#[inline(always)]
fn bucket(bounds: &[f64], value: f64) -> usize {
    // For so few bounds, comparing with all at once is faster than a search.
    if bounds.len() <= 32 {
        return usize::from(bounds.iter().map(|bound| u8::from(*bound < value)).sum::<u8>());
    }
    bounds.partition_point(|bound| *bound < value)
}
