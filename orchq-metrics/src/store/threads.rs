//! The shard of this thread.

use std::cell::{Cell, OnceCell};
use std::sync::atomic::{AtomicU32, Ordering};

use super::shard::{Block, Line, Location, NEAR, Pool, Shard};
use crate::concurrent::sync::{self, Mutex};

static POOL: Pool = Pool::new();

/// The shard for threads that are ending.
static ORPHANS: Mutex<Option<&'static Shard>> = Mutex::new(None);

thread_local! {
    /// The near ranges of this thread's shard that it has used: what an emission reads.
    /// It has no destructor, so that it can be read for as long as the thread runs.
    static LINES: [Cell<&'static [Line]>; NEAR] = const { [const { Cell::new(&[]) }; NEAR] };
    static OWN: Cell<Option<&'static Shard>> = const { Cell::new(None) };
    static LEASE: OnceCell<Lease> = const { OnceCell::new() };
}

/// Gives the shard back when the thread ends.
struct Lease(&'static Shard);

impl Drop for Lease {
    fn drop(&mut self) {
        LINES.with(|near| near.iter().for_each(|lines| lines.set(&[])));
        OWN.set(None);
        POOL.give_back(self.0);
    }
}

/// The block at a location in this thread's shard, if its range is a near one. The block is empty where the
/// thread has not recorded yet.
#[inline(always)]
pub(crate) fn near_block(location: Location) -> Option<Block<'static>> {
    let range = location.range as usize;
    (range < NEAR).then(|| Block::new(LINES.with(|lines| lines[range].get()), location))
}

/// The block at a location in this thread's shard, empty if it has none. [`near_block`] finds it from now on.
pub(crate) fn own_block(location: Location) -> Block<'static> {
    let lines = OWN.get().and_then(|shard| shard.lines(location.range)).unwrap_or_default();
    remember(location.range, lines);
    Block::new(lines, location)
}

/// Makes a near range of this thread's shard known to [`near_block`].
fn remember(range: u32, lines: &'static [Line]) {
    LINES.with(|near| {
        if let Some(near) = near.get(range as usize) {
            near.set(lines);
        }
    });
}

/// Calls `work` with the block at a location, in a range of that many cells. No other thread writes to it
/// meanwhile.
///
/// A destructor of another thread-local may record after the lease has ended. All such
/// threads share one shard, one at a time.
pub(crate) fn with_block<R>(location: Location, range_cells: usize, work: impl FnOnce(Block<'_>) -> R) -> R {
    if let Some(shard) = own() {
        let lines = shard.lines_or_new(location.range, range_cells);
        remember(location.range, lines);
        return work(Block::new(lines, location));
    }
    let mut orphans = sync::lock(&ORPHANS);
    let shard = orphans.get_or_insert_with(|| POOL.take());
    work(Block::new(shard.lines_or_new(location.range, range_cells), location))
}

/// This thread's shard, which it owns from now on; `None` when the thread is ending.
pub(crate) fn own() -> Option<&'static Shard> {
    let shard = LEASE.try_with(|lease| lease.get_or_init(|| Lease(POOL.take())).0).ok();
    OWN.set(shard);
    shard
}

/// Every shard of the process.
pub(crate) fn all() -> Vec<&'static Shard> {
    POOL.all()
}

/// Allocates that many ranges of cells, which no other family has, and returns the first.
pub(crate) fn new_ranges(count: usize) -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(count as u32, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread inherits the shard of one that has ended. It finds an inherited range from the second
    /// time on without another lookup.
    #[test]
    fn an_inherited_range_is_remembered() {
        let (first, second) = (Location { range: new_ranges(2), start: 0 }, 16);
        let second = Location { range: first.range + 1, start: second };
        let found = std::thread::spawn(move || {
            with_block(first, 32, |_| ());
            with_block(second, 32, |_| ());
            LINES.with(|near| near.iter().for_each(|lines| lines.set(&[])));
            let before = near_block(second).and_then(|block| block.cell(0)).is_some();
            let slowly = own_block(second).cell(0).is_some();
            (before, slowly, near_block(second).and_then(|block| block.cell(0)).is_some())
        });
        assert_eq!(found.join().expect("no panic"), (false, true, true));
    }
}
