//! A family of counters and the threads that count, modeled on `sharded.rs`, `family.rs` and `threads.rs`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, atomic};

use crate::Labels;
use crate::concurrent::sync::Ordering;
use crate::declare::label::Key;
use crate::store::shard::{Block, Line, Location, Pool, Shard, Tagged, add};
use crate::store::table::{Edit, Found, Generation, Table};

/// A counter has one cell beside the tag.
const CELLS: usize = 1;

/// The shards of a process.
#[derive(Clone, Copy)]
pub struct Workers(&'static Process);

struct Process {
    pool: Pool,
    /// The addresses of the shards that have an owner now. Not loom's, so that it adds no order.
    owned: Mutex<Vec<usize>>,
    next_range: atomic::AtomicU32,
}

/// A thread's lease of a shard, given back when it is dropped.
pub struct Worker {
    process: &'static Process,
    shard: &'static Shard,
    /// The ranges that this thread has found.
    lines: RefCell<BTreeMap<u32, &'static [Line]>>,
}

impl Workers {
    /// A process without shards.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "each is another")]
    pub fn new() -> Self {
        let process =
            Process { pool: Pool::new(), owned: Mutex::new(Vec::new()), next_range: atomic::AtomicU32::new(0) };
        Self(Box::leak(Box::new(process)))
    }

    /// Takes a shard for this thread.
    ///
    /// # Panics
    ///
    /// When it already has an owner.
    #[must_use]
    pub fn begin(self) -> Worker {
        let shard = self.0.pool.take();
        let mut owned = self.0.owned.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(!owned.contains(&address(shard)), "a shard has two owners");
        owned.push(address(shard));
        Worker { process: self.0, shard, lines: RefCell::default() }
    }

    /// How many shards there are.
    #[must_use]
    pub fn shards(self) -> usize {
        self.0.pool.all().len()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.process.owned.lock().unwrap_or_else(PoisonError::into_inner).retain(|owned| *owned != address(self.shard));
        self.process.pool.give_back(self.shard);
    }
}

fn address(shard: &'static Shard) -> usize {
    std::ptr::from_ref(shard).addr()
}

/// A family of counters.
#[derive(Clone, Copy)]
pub struct Counters {
    table: &'static Table,
    process: &'static Process,
}

/// A series that was looked up once.
#[derive(Clone, Copy)]
pub struct Handle {
    labels: Labels,
    series: Series,
}

#[derive(Clone, Copy)]
struct Series {
    location: Location,
    generation: Generation,
}

impl Counters {
    /// A family without series.
    #[must_use]
    pub fn new(workers: Workers) -> Self {
        Self { table: Box::leak(Box::new(Table::new(2, 0))), process: workers.0 }
    }

    /// The generation of a label set's series, without the lock.
    #[must_use]
    pub fn find(self, labels: Labels) -> Option<u64> {
        self.table.find(Key::new(&labels), 0).map(|found| found.generation)
    }

    /// The series of a label set, created at zero if there is none.
    pub fn resolve(self, labels: Labels) -> Handle {
        let key = Key::new(&labels);
        let found = self.table.find(key, 0).unwrap_or_else(|| self.find_or_make(&mut self.table.edit(), key));
        Handle { labels, series: Series::new(found) }
    }

    /// Counts.
    pub fn add(self, worker: &Worker, labels: Labels, n: u64) {
        let key = Key::new(&labels);
        let known = self.table.try_find(key, 0).map(Series::new);
        if !known.is_some_and(|series| worker.add_at(series, n)) {
            self.add_first(worker, key, n);
        }
    }

    /// Counts for a series that was looked up before.
    pub fn add_by(self, worker: &Worker, handle: Handle, n: u64) {
        if !worker.add_at(handle.series, n) {
            self.add(worker, handle.labels, n);
        }
    }

    fn add_first(self, worker: &Worker, key: Key<'_>, n: u64) {
        let mut edit = self.table.edit();
        let found = self.find_or_make(&mut edit, key);
        let series = Series::new(found);
        let lines = worker.shard.lines_or_new(series.location.range, found.range_blocks() * (CELLS + 1));
        worker.lines.borrow_mut().insert(series.location.range, lines);
        let block = Tagged(Block::new(lines, series.location)).claim(series.generation, CELLS);
        add(block.cell(0).expect("the range is long enough"), n);
    }

    fn find_or_make(self, edit: &mut Edit, key: Key<'_>) -> Found {
        self.table.find(key, 0).unwrap_or_else(|| {
            let ranges = |count: usize| self.process.next_range.fetch_add(count as u32, atomic::Ordering::Relaxed);
            let reserved = self.table.reserve(edit, key, 0, ranges);
            self.table.publish(edit, &reserved);
            reserved.found
        })
    }

    /// Removes a series, and returns how many there were.
    pub fn remove(self, labels: Labels) -> usize {
        self.table.remove(
            |key| key.cells() == labels,
            |found| {
                let location = Series::new(*found).location;
                let blocks = self.process.pool.all().into_iter().filter_map(|shard| shard.block(location));
                blocks.for_each(|block| Tagged(block).release());
            },
        )
    }

    /// Every series with its sum.
    #[must_use]
    pub fn scrape(self) -> Vec<(Labels, u64)> {
        let shards = self.process.pool.all();
        let mut series = Vec::new();
        self.table.visit(
            |range| {
                let base = Location { range, start: 0 };
                shards.iter().filter_map(|shard| shard.block(base)).collect::<Vec<_>>()
            },
            |blocks, found, key| {
                let tagged = blocks.iter().map(|block| Tagged(block.skip(found.block() * (CELLS + 1))));
                let cells = tagged.filter_map(|block| block.of(found.generation)?.cell(0));
                let sum = cells.fold(0, |sum: u64, cell| sum.wrapping_add(cell.load(Ordering::Relaxed)));
                series.push((<[u64; 2]>::try_from(key.cells()).expect("two cells"), sum));
            },
        );
        series
    }

    /// The sum of one series.
    ///
    /// # Panics
    ///
    /// When a label set has two series.
    #[must_use]
    pub fn sum(self, labels: Labels) -> Option<u64> {
        one(self.scrape(), labels)
    }
}

/// The value of the one series of a label set.
pub(crate) fn one<T>(series: Vec<(Labels, T)>, labels: Labels) -> Option<T> {
    let mut of_this = series.into_iter().filter(|(known, _)| *known == labels).map(|(_, value)| value);
    let value = of_this.next();
    assert!(of_this.next().is_none(), "a label set has two series");
    value
}

impl Series {
    fn new(found: Found) -> Self {
        let start = found.block() * (CELLS + 1);
        Self { location: Location { range: found.range(), start }, generation: found.generation }
    }
}

impl Handle {
    /// The generation of its series.
    #[must_use]
    pub fn generation(self) -> u64 {
        self.series.generation
    }
}

impl Worker {
    fn add_at(&self, series: Series, n: u64) -> bool {
        let lines = self.lines.borrow().get(&series.location.range).copied().unwrap_or_default();
        let block = Tagged(Block::new(lines, series.location)).of(series.generation);
        block.and_then(|block| block.cell(0)).map(|cell| add(cell, n)).is_some()
    }
}
