//! Gauges: one level that all threads share, because the last one to set it is right.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::cells::{Cells, Reading};
use super::dense::LabelSet;
use super::family::Family;
use super::shard::Block;
use super::table::{Found, Generation, LOST_A_VALUE, Shared};
use super::{Gauge, Kind};
use crate::declare::desc::MetricDesc;
use crate::declare::unit::Violation;

/// Where the level of a series is.
#[derive(Clone, Copy)]
pub enum Level {
    /// In a family with an index, for the life of the process.
    Dense(&'static AtomicU64),
    /// In a row of the table, until the series is removed.
    Row(Shared),
    /// Past a label's budget or the family's limit: looked up again at each recording.
    Nowhere,
}

impl Level {
    /// Changes it, unless the series was removed.
    pub(crate) fn change(self, change: Change) -> Option<f64> {
        match self {
            Self::Dense(cell) => Some(change.apply_atomically(cell)),
            Self::Row(shared) => shared.write(|cell| change.apply(cell)),
            Self::Nowhere => None,
        }
    }
}

impl Cells for Gauge {
    const SHARED_CELLS: usize = 1;

    fn own_cells(_: &MetricDesc) -> usize {
        0
    }

    fn read<'s, 'b>(
        _: &MetricDesc,
        shared: Option<&AtomicU64>,
        _: impl Iterator<Item = Block<'b>>,
        _: &'s mut Vec<u64>,
    ) -> Reading<'s> {
        Reading::Gauge(shared.map_or(0.0, |cell| f64::from_bits(cell.load(Relaxed))))
    }
}

impl Kind for Gauge {
    type Series = Level;
    type Value = Change;
    /// The level that the change results in.
    type Outcome = f64;

    fn resolve(family: &'static Family<Self>, labels: LabelSet<'_>) -> Level {
        if let Some(cell) = labels.index.and_then(|index| family.dense_shared().get(index)) {
            return Level::Dense(cell);
        }
        if family.has_lost_a_value(labels.key) {
            family.count_lost_values(labels.key);
            return Level::Nowhere;
        }
        // A series that several label sets share is not created before it has a difference to add up.
        let found = family.find(labels).or_else(|| {
            let mut edit = family.table.edit();
            let has_room = !family.is_full_for(&edit, labels.key);
            has_room.then(|| family.find_or_make(&mut edit, labels.key, |_| {}))
        });
        found.map_or(Level::Nowhere, |found| Level::Row(found.shared()))
    }

    #[inline(always)]
    fn known(family: &'static Family<Self>, _: &MetricDesc, labels: LabelSet<'_>) -> Option<Level> {
        match labels.index {
            Some(index) => family.dense_shared().get(index).map(Level::Dense),
            None => {
                let found = family
                    .table
                    .try_find(labels.key, Gauge::SHARED_CELLS)
                    .filter(|found| found.generation & LOST_A_VALUE == 0)?;
                Some(Level::Row(found.shared()))
            }
        }
    }

    #[inline(always)]
    fn try_record(series: Level, _: bool, _: &MetricDesc, change: Change) -> Option<f64> {
        match series {
            Level::Dense(cell) => Some(change.apply_atomically(cell)),
            // Where another thread is writing, the slow path waits.
            Level::Row(shared) => shared.try_write(|cell| change.apply(cell)).ok(),
            Level::Nowhere => None,
        }
    }

    fn record(family: &'static Family<Self>, labels: LabelSet<'_>, change: Change) -> f64 {
        if let Some(cell) = labels.index.and_then(|index| family.dense_shared().get(index)) {
            return change.apply_atomically(cell);
        }
        // No level is right for a series that several label sets share, while differences add up.
        if let Change::Set(level) = change
            && family.has_lost_a_value(labels.key)
        {
            family.count_lost_values(labels.key);
            return level;
        }
        let known = family.find(labels);
        let level = known.and_then(|found| found.shared().write(|cell| change.apply(cell)));
        let (generation, level) = match (known, level) {
            (Some(found), Some(level)) => (found.generation, level),
            _ => family.change_first(labels, change),
        };
        family.notice(labels, generation);
        level
    }
}

/// A change of a gauge's level.
#[derive(Clone, Copy)]
pub enum Change {
    /// To this level.
    Set(f64),
    /// By this difference.
    Add(f64),
}

impl Change {
    #[inline(always)]
    fn applied_to(self, level: f64) -> f64 {
        match self {
            Self::Set(level) => level,
            Self::Add(n) => level + n,
        }
    }

    /// Applies it to a cell that no other thread is writing.
    #[inline(always)]
    fn apply(self, cell: &AtomicU64) -> f64 {
        let level = self.applied_to(f64::from_bits(cell.load(Relaxed)));
        cell.store(level.to_bits(), Relaxed);
        level
    }

    /// Applies it to a cell that any thread may write.
    #[inline(always)]
    fn apply_atomically(self, cell: &AtomicU64) -> f64 {
        if let Self::Set(level) = self {
            cell.store(level.to_bits(), Relaxed);
            return level;
        }
        let change = |bits| Some(self.applied_to(f64::from_bits(bits)).to_bits());
        let before = cell.fetch_update(Relaxed, Relaxed, change).unwrap_or_else(|bits| bits);
        self.applied_to(f64::from_bits(before))
    }
}

impl Family<Gauge> {
    #[inline(always)]
    fn find(&'static self, labels: LabelSet<'_>) -> Option<Found> {
        self.table.find(labels.key, Gauge::SHARED_CELLS)
    }

    /// Changes a level that may have no series yet. No reader sees the new series at zero.
    fn change_first(&'static self, labels: LabelSet<'_>, change: Change) -> (Generation, f64) {
        let mut first = None;
        let mut edit = self.table.edit();
        if let Change::Set(level) = change
            && self.is_full_for(&edit, labels.key)
        {
            return (0, level);
        }
        let found = self.find_or_make(&mut edit, labels.key, |new| first = Some(change.apply(new.shared().cell())));
        // No series is removed under the lock, so that an existing one accepts the change.
        let level = first.or_else(|| found.shared().write(|cell| change.apply(cell)));
        (found.generation, level.unwrap_or_default())
    }

    /// Whether a gauge accepts this level; a violation is counted.
    #[inline(always)]
    pub(crate) fn accepts_level(&self, range: Option<(f64, f64)>, level: f64) -> bool {
        !matches!(self.inspect(range, level), Some(Violation::Nan))
    }

    /// Whether a gauge accepts this difference; a violation is counted. An infinite
    /// one would leave a level that nothing finite brings back.
    #[inline(always)]
    pub(crate) fn accepts_step(&self, step: f64) -> bool {
        if !step.is_finite() {
            self.inspect(None, step);
        }
        step.is_finite()
    }
}
