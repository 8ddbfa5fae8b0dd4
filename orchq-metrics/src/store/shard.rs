//! The counts of one thread.

use super::table::Generation;
use crate::concurrent::Segments;
use crate::concurrent::sizes::LINE;
pub(crate) use crate::concurrent::sizes::NEAR;
use crate::concurrent::sync::{self, AtomicU64, Mutex, OnceLock, Ordering};

#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Line([AtomicU64; LINE]);

/// The lines of one range.
type Lines = OnceLock<Box<[Line]>>;

/// The blocks of cells of every series that one thread has recorded, in ranges.
///
/// One thread at a time owns a shard and writes to it, so that an addition is a load and a
/// store, without a locked instruction; any thread may read it. Shards are never freed: the
/// next thread takes over the shard of one that has ended.
pub struct Shard {
    near: [Lines; NEAR],
    far: Segments<Lines>,
}

/// Where the block of a series is, in every shard.
#[derive(Clone, Copy)]
pub(crate) struct Location {
    pub(crate) range: u32,
    /// The block's first cell in the range.
    pub(crate) start: usize,
}

/// The cells of one series in one shard.
#[derive(Clone, Copy)]
pub struct Block<'a> {
    lines: &'a [Line],
    start: usize,
}

impl Shard {
    pub(crate) fn new() -> Self {
        Self { near: std::array::from_fn(|_| OnceLock::new()), far: Segments::new() }
    }

    /// The lines of a range, if this shard has any.
    pub(crate) fn lines(&self, range: u32) -> Option<&[Line]> {
        let range = range as usize;
        let lines = match self.near.get(range) {
            Some(near) => near,
            None => self.far.get(range - NEAR)?,
        };
        lines.get().map(|lines| &**lines)
    }

    /// The lines of a range of this many cells; new ones are at zero.
    pub(crate) fn lines_or_new(&self, range: u32, cells: usize) -> &[Line] {
        let range = range as usize;
        let lines = match self.near.get(range) {
            Some(near) => near,
            None => self.far.get_or_grow(range - NEAR),
        };
        lines.get_or_init(|| (0..cells.div_ceil(LINE)).map(|_| Line::default()).collect())
    }

    /// The block at a location, if this shard has its range.
    pub(crate) fn block(&self, location: Location) -> Option<Block<'_>> {
        Some(Block::new(self.lines(location.range)?, location))
    }
}

impl<'a> Block<'a> {
    #[inline(always)]
    pub(crate) const fn new(lines: &'a [Line], location: Location) -> Self {
        Self { lines, start: location.start }
    }

    #[inline(always)]
    pub(crate) fn cell(&self, index: usize) -> Option<&'a AtomicU64> {
        let cell = self.start + index;
        Some(&self.lines.get(cell / LINE)?.0[cell % LINE])
    }

    /// The block without its first cells.
    #[inline(always)]
    pub(crate) const fn skip(&self, cells: usize) -> Self {
        Self { lines: self.lines, start: self.start + cells }
    }
}

/// Adds to a cell that this thread owns. It wraps around, as the sum of all shards does.
#[inline(always)]
pub(crate) fn add(cell: &AtomicU64, n: u64) {
    cell.store(cell.load(Ordering::Relaxed).wrapping_add(n), Ordering::Relaxed);
}

/// A block whose first cell, the tag, is the generation of the series that it counts.
///
/// Only the owner of the shard claims the block for a series, and only under the lock of the
/// series' table; a removal releases it under the same lock. An addition that is already under
/// way then goes to a block that is not read, and that is cleared before the next claim.
#[derive(Clone, Copy)]
pub(crate) struct Tagged<'a>(pub(crate) Block<'a>);

impl<'a> Tagged<'a> {
    /// The cells, if they count this series.
    #[inline(always)]
    pub(crate) fn of(self, generation: Generation) -> Option<Block<'a>> {
        let tag = self.0.cell(0)?.load(Ordering::Acquire);
        (tag == generation).then(|| self.0.skip(1))
    }

    /// As above, for a block of one cell after its tag: both are in the same line.
    #[inline(always)]
    pub(crate) fn single(self, generation: Generation) -> Option<&'a AtomicU64> {
        let line = self.0.lines.get(self.0.start / LINE)?;
        let tag = line.0[self.0.start % LINE].load(Ordering::Acquire);
        (tag == generation).then(|| &line.0[(self.0.start % LINE) | 1])
    }

    /// Claims the cells for this series.
    pub(crate) fn claim(self, generation: Generation, cells: usize) -> Block<'a> {
        let rest = self.0.skip(1);
        let Some(tag) = self.0.cell(0) else { return rest };
        if tag.load(Ordering::Relaxed) != generation {
            (0..cells).filter_map(|cell| rest.cell(cell)).for_each(|cell| cell.store(0, Ordering::Relaxed));
            tag.store(generation, Ordering::Release);
        }
        rest
    }

    /// Ends the claim.
    pub(crate) fn release(self) {
        if let Some(tag) = self.0.cell(0) {
            tag.store(0, Ordering::Release);
        }
    }
}

/// The shards of a process: some owned by threads, the rest waiting for one.
pub(crate) struct Pool(Mutex<Shards>);

struct Shards {
    all: Vec<&'static Shard>,
    unowned: Vec<&'static Shard>,
}

impl Pool {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(Shards { all: Vec::new(), unowned: Vec::new() }))
    }

    /// Takes a shard that no thread owns.
    pub(crate) fn take(&self) -> &'static Shard {
        let mut shards = sync::lock(&self.0);
        shards.unowned.pop().unwrap_or_else(|| {
            let new: &'static Shard = Box::leak(Box::new(Shard::new()));
            shards.all.push(new);
            new
        })
    }

    /// Returns a shard, with all that it counted, for the next thread.
    pub(crate) fn give_back(&self, shard: &'static Shard) {
        sync::lock(&self.0).unowned.push(shard);
    }

    /// Every shard there is.
    pub(crate) fn all(&self) -> Vec<&'static Shard> {
        sync::lock(&self.0).all.clone()
    }
}
