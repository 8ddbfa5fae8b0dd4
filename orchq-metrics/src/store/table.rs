//! The series of one family, found by their label sets without a lock.

use std::ops::Range;

use crate::concurrent::sizes::RANGE_SLOTS;
use crate::concurrent::sync::{
    self, AtomicU32, AtomicU64, Mutex, MutexGuard, OnceLock, Ordering, PoisonError, RwLock, fence,
};
use crate::concurrent::{FIRST, Index, SEGMENTS, locate, segment_len};
use crate::declare::label::Key;

/// Distinguishes the series that a slot holds from those that it held before: never zero, never used twice in
/// a family.
pub(crate) type Generation = u64;

/// In a generation: the label set lost a value to a label's budget, so that each lookup is counted.
pub(crate) const LOST_A_VALUE: Generation = 1 << 62;

/// In a generation: the series is the overflow series.
pub(crate) const IS_OVERFLOW: Generation = 1 << 61;

/// The generation of no series.
pub(crate) const NEVER: Generation = u64::MAX;

/// In a slot's first cell: a thread is writing the series' shared cell.
const WRITING: u64 = 1 << 63;

/// A slot is a row of cells: the tag, which is the generation, the packed label set, and what the kind shares
/// between threads. Rows are in segments, which never move. The slot of a removed series is used again.
pub(crate) struct Table {
    key_cells: usize,
    shared_cells: usize,
    chunks: [OnceLock<Chunk>; SEGMENTS],
    index: Index,
    /// How many slots have ever been used.
    used: AtomicU32,
    edit: Mutex<Edit>,
    /// Held during a scrape, so that no slot changes its series meanwhile.
    removing: RwLock<()>,
}

/// One segment of slots.
pub(crate) struct Chunk {
    rows: Box<[AtomicU64]>,
    slots: usize,
    /// The first of the ranges in which the shards keep the blocks of these slots.
    range: u32,
}

/// The fields that change only under the lock.
pub(crate) struct Edit {
    free: Vec<u32>,
    pub(super) live: usize,
    next: Generation,
}

/// A series, as it was when it was looked up.
#[derive(Clone, Copy)]
pub(crate) struct Found {
    pub(crate) generation: Generation,
    chunk: &'static Chunk,
    /// The slot's index in its chunk.
    offset: usize,
    row: &'static [AtomicU64],
}

/// A slot that no reader sees yet.
pub(crate) struct Reserved {
    slot: u32,
    pub(crate) found: Found,
}

impl Table {
    /// An empty table. A label set has `key_cells`, and a series has `shared_cells` that threads share.
    pub(crate) const fn new(key_cells: usize, shared_cells: usize) -> Self {
        Self {
            key_cells,
            shared_cells,
            chunks: [const { OnceLock::new() }; SEGMENTS],
            index: Index::new(),
            used: AtomicU32::new(0),
            edit: Mutex::new(Edit { free: Vec::new(), live: 0, next: 1 }),
            removing: RwLock::new(()),
        }
    }

    /// The series of this label set. `shared_cells` is the table's own; the caller's is a constant.
    ///
    /// Without the lock, it may miss a series that a removal is moving.
    #[inline(always)]
    pub(crate) fn find(&'static self, key: Key<'_>, shared_cells: usize) -> Option<Found> {
        self.index.find(self.hash(key), |slot| self.holding(slot, key, shared_cells))
    }

    /// The same, for a fast path: it also misses a series if the index has another one with the same mark before it.
    #[inline(always)]
    pub(crate) fn try_find(&'static self, key: Key<'_>, shared_cells: usize) -> Option<Found> {
        self.holding(self.index.first(self.hash(key))?, key, shared_cells)
    }

    /// The series in a slot, if it is the one of this label set.
    #[inline(always)]
    fn holding(&'static self, slot: u32, key: Key<'_>, shared_cells: usize) -> Option<Found> {
        let (chunk, offset) = locate(slot as usize);
        Found::holding(self.chunks[chunk].get()?, offset, key, shared_cells)
    }

    /// Lets this thread change the table.
    pub(crate) fn edit(&self) -> MutexGuard<'_, Edit> {
        sync::lock(&self.edit)
    }

    /// Reserves a slot for a label set that has none, its shared cells at zero. `ranges` allocates that many
    /// ranges for the blocks of a new chunk, and returns the first.
    pub(crate) fn reserve(
        &'static self,
        edit: &mut Edit,
        key: Key<'_>,
        marks: Generation,
        ranges: impl FnOnce(usize) -> u32,
    ) -> Reserved {
        let slot = edit.free.pop().unwrap_or_else(|| self.slots(Ordering::Relaxed).end);
        assert!(slot <= Index::GREATEST, "a family has at most {} series", Index::GREATEST);
        let (segment, offset) = locate(slot as usize);
        let chunk = self.chunks[segment].get_or_init(|| {
            let slots = segment_len(segment);
            let cells = slots * self.row_cells();
            let rows = (0..cells).map(|_| AtomicU64::new(0)).collect();
            Chunk { rows, slots, range: ranges(slots.div_ceil(RANGE_SLOTS)) }
        });
        let row = chunk.row(offset, self.row_cells());
        // A reader that sees one of the new cells also sees that the last generation has ended.
        row[0].store(0, Ordering::Relaxed);
        fence(Ordering::Release);
        let values = key.cells().iter().copied().chain(std::iter::repeat(0));
        row[1..].iter().zip(values).for_each(|(cell, value)| cell.store(value, Ordering::Relaxed));
        let generation = edit.next | marks;
        edit.next += 1;
        Reserved { slot, found: Found { generation, chunk, offset, row } }
    }

    /// Makes a reserved slot visible to readers.
    pub(crate) fn publish(&'static self, edit: &mut Edit, reserved: &Reserved) {
        let Reserved { slot, found } = reserved;
        // Before the row, or a thread that finds the series could miss it in a scrape.
        let used = self.slots(Ordering::Relaxed);
        if *slot == used.end {
            self.used.store(used.len() as u32 + 1, Ordering::Release);
        }
        found.row[0].store(found.generation, Ordering::Release);
        self.index.insert(*slot, edit.live, |slot| self.hash_of(slot));
        edit.live += 1;
    }

    /// Removes every series whose label set `matches`; `forget` releases its blocks.
    pub(crate) fn remove(&'static self, matches: impl Fn(Key<'_>) -> bool, forget: impl Fn(&Found)) -> usize {
        let _no_scrape = self.removing.write().unwrap_or_else(PoisonError::into_inner);
        let mut edit = self.edit();
        let before = edit.live;
        let mut key = vec![0; self.key_cells];
        for slot in self.slots(Ordering::Relaxed) {
            let Some(found) = self.series(slot) else { continue };
            found.copy_key(&mut key);
            if matches(Key::new(&key)) {
                self.index.remove(slot, |slot| self.hash_of(slot));
                found.end();
                forget(&found);
                edit.free.push(slot);
                edit.live -= 1;
            }
        }
        before - edit.live
    }

    /// Calls `each` with every series, and with what `enter` returned for its range.
    pub(crate) fn visit<S>(&'static self, mut enter: impl FnMut(u32) -> S, mut each: impl FnMut(&S, &Found, Key<'_>)) {
        let _none_is_removed = self.removing.read().unwrap_or_else(PoisonError::into_inner);
        let mut key = vec![0; self.key_cells];
        let mut left = self.slots(Ordering::Acquire).len();
        for chunk in self.chunks.iter().filter_map(OnceLock::get) {
            let mut entered = None;
            for (offset, row) in chunk.rows.chunks_exact(self.row_cells()).enumerate().take(left) {
                let generation = row[0].load(Ordering::Acquire) & !WRITING;
                if generation == 0 {
                    continue;
                }
                let found = Found { generation, chunk, offset, row };
                found.copy_key(&mut key);
                let state = match &entered {
                    Some((range, state)) if *range == found.range() => state,
                    _ => &entered.insert((found.range(), enter(found.range()))).1,
                };
                each(state, &found, Key::new(&key));
            }
            left = left.saturating_sub(chunk.slots);
        }
    }

    fn slots(&self, ordering: Ordering) -> Range<u32> {
        FIRST as u32..FIRST as u32 + self.used.load(ordering)
    }

    fn series(&'static self, slot: u32) -> Option<Found> {
        let (segment, offset) = locate(slot as usize);
        let chunk = self.chunks[segment].get()?;
        let row = chunk.row(offset, self.row_cells());
        let generation = row[0].load(Ordering::Acquire) & !WRITING;
        (generation != 0).then_some(Found { generation, chunk, offset, row })
    }

    /// The hash of the label set in this slot.
    fn hash_of(&self, slot: u32) -> u64 {
        let (segment, offset) = locate(slot as usize);
        let row = self.chunks[segment].get().map(|chunk| chunk.row(offset, self.row_cells())).unwrap_or_default();
        let cells: Vec<_> = row.iter().skip(1).take(self.key_cells).map(|cell| cell.load(Ordering::Relaxed)).collect();
        self.hash(Key::new(&cells))
    }

    /// Mixes the cells of a label set by multiplying them in pairs and folding the product. The table's
    /// secret seed is mixed in, so that an attacker cannot choose label sets that collide.
    #[inline(always)]
    fn hash(&self, key: Key<'_>) -> u64 {
        // Digits of pi; any numbers without a pattern would do.
        const KEYS: [u64; 2] = [0x243f_6a88_85a3_08d3, 0x4528_21e6_38d0_1377];
        let cells = key.cells();
        let (mut hash, mut i) = (sync::seed(self), 0);
        // An index, because the compiler unrolls that where it knows the length.
        while i < cells.len() {
            let second = if i + 1 < cells.len() { cells[i + 1] } else { 0 };
            let product = u128::from(cells[i] ^ KEYS[0]) * u128::from(second ^ KEYS[1] ^ hash);
            hash = hash.rotate_left(29) ^ (product >> 64) as u64 ^ product as u64;
            i += 2;
        }
        hash
    }

    const fn row_cells(&self) -> usize {
        1 + self.key_cells + self.shared_cells
    }
}

impl Chunk {
    fn row(&self, offset: usize, cells: usize) -> &[AtomicU64] {
        &self.rows[offset * cells..][..cells]
    }
}

impl Found {
    /// The series at an offset, if it is the one of this label set.
    #[inline(always)]
    fn holding(chunk: &'static Chunk, offset: usize, key: Key<'_>, shared_cells: usize) -> Option<Self> {
        let row_cells = 1 + key.cells().len() + shared_cells;
        // Only rows with shared cells are ever marked.
        let marks = if shared_cells == 0 { 0 } else { WRITING };
        let start = offset * row_cells;
        let row = chunk.rows.get(start..start + row_cells)?;
        let (tag, rest) = row.split_first()?;
        let generation = tag.load(Ordering::Acquire) & !marks;
        let same = rest.iter().zip(key.cells()).all(|(cell, value)| cell.load(Ordering::Acquire) == *value);
        // The cells belong together only if the generation has not changed meanwhile.
        let still = tag.load(Ordering::Relaxed) & !marks == generation;
        (same && still && generation != 0).then_some(Self { generation, chunk, offset, row })
    }

    /// The range of the series' blocks.
    #[inline(always)]
    pub(crate) fn range(&self) -> u32 {
        self.chunk.range + (self.offset / RANGE_SLOTS) as u32
    }

    /// The index of the blocks in their range.
    #[inline(always)]
    pub(crate) const fn block(&self) -> usize {
        self.offset % RANGE_SLOTS
    }

    /// How many blocks the range has.
    pub(crate) fn range_blocks(&self) -> usize {
        self.chunk.slots.min(RANGE_SLOTS)
    }

    fn copy_key(&self, key: &mut [u64]) {
        for (value, cell) in key.iter_mut().zip(&self.row[1..]) {
            *value = cell.load(Ordering::Relaxed);
        }
    }

    /// The part of this series that all threads share.
    #[inline(always)]
    pub(crate) fn shared(&self) -> Shared {
        let [tag, .., cell] = self.row else { unreachable!("a row has a first cell and a last") };
        Shared { tag, cell, generation: self.generation }
    }

    /// Ends the generation, once no thread is writing to the slot.
    fn end(&self) {
        let mut attempts = 0;
        while self.row[0].compare_exchange(self.generation, 0, Ordering::Acquire, Ordering::Relaxed).is_err() {
            sync::wait(&mut attempts);
        }
    }
}

/// The last cell of a row, which all threads write until the series is removed.
#[derive(Clone, Copy)]
pub struct Shared {
    tag: &'static AtomicU64,
    cell: &'static AtomicU64,
    generation: Generation,
}

impl Shared {
    pub(crate) fn cell(&self) -> &'static AtomicU64 {
        self.cell
    }

    /// Writes the cell, unless the series was removed: the slot's next series does not get this one's value.
    #[inline(always)]
    pub(crate) fn write<R>(&self, write: impl Fn(&AtomicU64) -> R) -> Option<R> {
        let mut attempts = 0;
        loop {
            match self.try_write(&write) {
                Ok(result) => return Some(result),
                Err(tag) if tag & !WRITING != self.generation => return None,
                Err(_) => sync::wait(&mut attempts),
            }
        }
    }

    /// The same, unless another thread is writing. The error is the tag.
    ///
    /// A check before the write would not be enough, because a removal may come between the two. So a writer
    /// marks the slot, with one locked instruction, as an atomic addition would take.
    #[inline(always)]
    pub(crate) fn try_write<R>(&self, write: impl Fn(&AtomicU64) -> R) -> Result<R, u64> {
        let marked = self.generation | WRITING;
        self.tag.compare_exchange(self.generation, marked, Ordering::Acquire, Ordering::Relaxed)?;
        let result = write(self.cell);
        self.tag.store(self.generation, Ordering::Release);
        Ok(result)
    }
}
