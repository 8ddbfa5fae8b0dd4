//! All series of one metric.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use super::cells::{Cells, Reading};
use super::dense::LabelSet;
use super::shard::{Block, Location, Shard, Tagged};
use super::table::{Edit, Found, Generation, IS_OVERFLOW, LOST_A_VALUE, Table};
use super::{dense, threads};
use crate::declare::desc::{MetricDesc, label_sets};
use crate::declare::label::{Key, LabelValues, Symbol};
use crate::declare::unit::Violation;

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

/// The value of `label` in `orchq_metrics_overflow_total` when a whole label set was lost.
const WHOLE_SET: &str = "__series__";

/// No range: it is past those that are near, so that an emission compares once.
const NO_RANGE: u32 = u32::MAX;

/// All series of one metric in this process.
///
/// A family with few label sets, all known beforehand, has each from the start and finds it by its index. Any
/// other family has a table of the label sets that were recorded.
pub struct Family<K: Cells> {
    pub(super) desc: &'static MetricDesc,
    pub(super) table: Table,
    /// Where the shards keep the cells of a family with an index.
    dense_range: AtomicU32,
    /// The part of a family with an index that all threads share.
    dense_shared: OnceLock<Box<[AtomicU64]>>,
    counter_scale: f64,
    id: MetricId,
    #[expect(dead_code, reason = "what is reachable from a family, the linker keeps")]
    record: &'static [u8],
    violations: [AtomicU64; Violation::ALL.len()],
    /// For each label, how often it was recorded with the value `__overflow__`.
    lost_values: OnceLock<Box<[AtomicU64]>>,
    /// How often a label set found the family at its limit.
    lost_sets: AtomicU64,
    /// Whether the table has the overflow series, which does not count against the limit.
    has_overflow: AtomicBool,
    kind: std::marker::PhantomData<K>,
}

impl<K: Cells> Family<K> {
    /// An empty family; a counter serves its stored number divided by `counter_scale`. `id` and `record` are the
    /// metric's in the binary.
    pub const fn new(desc: &'static MetricDesc, counter_scale: f64, id: MetricId, record: &'static [u8]) -> Self {
        Self {
            desc,
            table: Table::new(desc.labels.len().div_ceil(2), K::SHARED_CELLS),
            dense_range: AtomicU32::new(NO_RANGE),
            dense_shared: OnceLock::new(),
            counter_scale,
            id,
            record,
            violations: [const { AtomicU64::new(0) }; Violation::ALL.len()],
            lost_values: OnceLock::new(),
            lost_sets: AtomicU64::new(0),
            has_overflow: AtomicBool::new(false),
            kind: std::marker::PhantomData,
        }
    }

    /// Counts the values that a label set has lost, if the generation of its series says so.
    #[inline(always)]
    pub(super) fn notice(&self, labels: LabelSet<'_>, generation: Generation) {
        if generation & LOST_A_VALUE != 0 {
            self.count_lost_values(labels.key);
        }
    }

    #[cold]
    pub(super) fn count_lost_values(&self, key: Key<'_>) {
        for (index, label) in self.desc.labels.iter().enumerate() {
            if label.values.is_lost(key.symbol(index)) {
                let counts =
                    self.lost_values.get_or_init(|| self.desc.labels.iter().map(|_| AtomicU64::new(0)).collect());
                counts[index].fetch_add(1, Relaxed);
            }
        }
    }

    /// The series of a label set, created if there is none. `fill` writes the shared cells of a new
    /// one before any reader sees it.
    pub(super) fn find_or_make(&'static self, edit: &mut Edit, key: Key<'_>, fill: impl FnOnce(&Found)) -> Found {
        if let Some(found) = self.table.find(key, K::SHARED_CELLS) {
            return found;
        }
        let overflow = self.overflow_key();
        if key.cells() == overflow {
            return self.make_overflow(edit, key, fill);
        }
        if !self.is_full(edit) {
            return self.make(edit, key, 0, fill);
        }
        self.lost_sets.fetch_add(1, Relaxed);
        let overflow = Key::new(&overflow);
        let known = self.table.find(overflow, K::SHARED_CELLS);
        known.unwrap_or_else(|| self.make_overflow(edit, overflow, fill))
    }

    fn is_full(&self, edit: &Edit) -> bool {
        let counted = edit.live - usize::from(self.has_overflow.load(Relaxed));
        counted >= self.desc.series_limit as usize
    }

    /// Whether the family is full and has no series for this label set. If so, counts the loss.
    pub(super) fn is_full_for(&'static self, edit: &Edit, key: Key<'_>) -> bool {
        let is_full = self.is_full(edit) && self.table.find(key, K::SHARED_CELLS).is_none();
        self.lost_sets.fetch_add(u64::from(is_full), Relaxed);
        is_full
    }

    /// Whether a label's budget has lost a value of this label set.
    pub(super) fn has_lost_a_value(&self, key: Key<'_>) -> bool {
        self.desc.labels.iter().enumerate().any(|(index, label)| label.values.is_lost(key.symbol(index)))
    }

    /// The overflow series, which has room of its own.
    fn make_overflow(&'static self, edit: &mut Edit, key: Key<'_>, fill: impl FnOnce(&Found)) -> Found {
        self.has_overflow.store(true, Relaxed);
        self.make(edit, key, IS_OVERFLOW, fill)
    }

    fn make(&'static self, edit: &mut Edit, key: Key<'_>, mark: Generation, fill: impl FnOnce(&Found)) -> Found {
        let marks = mark | if self.has_lost_a_value(key) { LOST_A_VALUE } else { 0 };
        let own_cells = K::own_cells(self.desc);
        let reserved =
            self.table.reserve(edit, key, marks, |count| if own_cells > 0 { threads::new_ranges(count) } else { 0 });
        fill(&reserved.found);
        self.table.publish(edit, &reserved);
        reserved.found
    }

    /// The label set of the overflow series: `__overflow__` for every required label, or for all
    /// labels if none is required.
    fn overflow_key(&self) -> Vec<u64> {
        let labels = self.desc.labels;
        let all_conditional = labels.iter().all(|label| label.conditional);
        let mut key = vec![0; labels.len().div_ceil(2)];
        let mut writer = crate::declare::label::SymbolWriter::new(&mut key);
        for label in labels {
            writer.push(match label.values {
                _ if label.conditional && !all_conditional => Symbol::ABSENT,
                LabelValues::Closed(_) => Symbol::CLOSED_OVERFLOW,
                LabelValues::Open { .. } => Symbol::OVERFLOW,
            });
        }
        key
    }

    /// Where the shards keep the cells of a family with an index.
    pub(super) fn dense_range(&self) -> u32 {
        let known = self.known_dense_range();
        known.unwrap_or_else(|| {
            let new = threads::new_ranges(1);
            // Another thread may have been first; its range is the family's.
            match self.dense_range.compare_exchange(NO_RANGE, new, Relaxed, Relaxed) {
                Ok(_) => new,
                Err(first) => first,
            }
        })
    }

    /// The same, if it was allocated.
    #[inline(always)]
    pub(super) fn known_dense_range(&self) -> Option<u32> {
        Some(self.dense_range.load(Relaxed)).filter(|range| *range != NO_RANGE)
    }

    /// The part of a family with an index that all threads share.
    #[inline(always)]
    pub(super) fn dense_shared(&self) -> &[AtomicU64] {
        let sets = || label_sets(self.desc.labels).unwrap_or_default();
        self.dense_shared.get_or_init(|| (0..sets() * K::SHARED_CELLS).map(|_| AtomicU64::new(0)).collect())
    }

    /// The violation of a value in this range, which is the metric's. It is counted.
    #[inline(always)]
    pub(crate) fn inspect(&self, range: Option<(f64, f64)>, value: f64) -> Option<Violation> {
        let violation = Violation::find(value, range)?;
        self.count_violation(violation);
        Some(violation)
    }

    fn visit_dense(
        &'static self,
        sets: usize,
        shards: &[&'static Shard],
        each: &mut dyn FnMut(Key<'_>, Generation, Reading<'_>),
    ) {
        let labels = self.desc.labels;
        let own_cells = K::own_cells(self.desc);
        let base = self.known_dense_range().map(|range| Location { range, start: 0 });
        let base: Vec<Block<'_>> =
            base.iter().flat_map(|base| shards.iter().filter_map(|shard| shard.block(*base))).collect();
        let (mut key, mut scratch) = (vec![0; labels.len().div_ceil(2)], Vec::new());
        for index in 0..sets {
            dense::write_key(labels, index, &mut key);
            let blocks = base.iter().map(|block| block.skip(index * own_cells));
            let shared = self.dense_shared().get(index);
            each(Key::new(&key), 0, K::read(self.desc, shared, blocks, &mut scratch));
        }
    }

    fn visit_table(&'static self, shards: &[&'static Shard], each: &mut dyn FnMut(Key<'_>, Generation, Reading<'_>)) {
        let own_cells = K::own_cells(self.desc);
        let shards = if own_cells > 0 { shards } else { &[] };
        let mut scratch = Vec::new();
        self.table.visit(
            |range| shards.iter().filter_map(|shard| shard.block(Location { range, start: 0 })).collect::<Vec<_>>(),
            |base, found, key| {
                let blocks = base.iter().map(|block| Tagged(block.skip(found.block() * (own_cells + 1))));
                let blocks = blocks.filter_map(|block| block.of(found.generation));
                let shared = found.shared();
                each(key, found.generation, K::read(self.desc, Some(shared.cell()), blocks, &mut scratch));
            },
        );
    }
}

impl<K: Cells> AnyFamily for Family<K> {
    fn desc(&self) -> &'static MetricDesc {
        self.desc
    }

    fn counter_scale(&self) -> f64 {
        self.counter_scale
    }

    fn id(&self) -> &MetricId {
        &self.id
    }

    fn visit(&'static self, shards: &[&'static Shard], each: &mut dyn FnMut(Key<'_>, Generation, Reading<'_>)) {
        match label_sets(self.desc.labels) {
            Some(sets) => self.visit_dense(sets, shards, each),
            None => self.visit_table(shards, each),
        }
    }

    fn remove(&'static self, labels: &[(usize, Symbol)]) -> usize {
        let overflow = self.overflow_key();
        let matches = |key: Key<'_>| {
            key.cells() != overflow && labels.iter().all(|(index, symbol)| key.symbol(*index) == *symbol)
        };
        let own_cells = K::own_cells(self.desc);
        self.table.remove(matches, |found| {
            if own_cells == 0 {
                return;
            }
            let location = Location { range: found.range(), start: found.block() * (own_cells + 1) };
            // The list is read again for each: a thread that starts meanwhile claims nothing before the lock is free.
            threads::all().iter().filter_map(|shard| shard.block(location)).for_each(|block| Tagged(block).release());
        })
    }

    #[cold]
    fn count_violation(&self, violation: Violation) {
        self.violations[violation as usize].fetch_add(1, Relaxed);
    }

    fn violations(&self) -> [(Violation, u64); Violation::ALL.len()] {
        Violation::ALL.map(|violation| (violation, self.violations[violation as usize].load(Relaxed)))
    }

    fn overflows(&self) -> Vec<(&'static str, u64)> {
        let counts = self.lost_values.get().map(|counts| &**counts).unwrap_or_default();
        let values = self.desc.labels.iter().zip(counts).map(|(label, count)| (label.name, count.load(Relaxed)));
        values.chain([(WHOLE_SET, self.lost_sets.load(Relaxed))]).collect()
    }
}
