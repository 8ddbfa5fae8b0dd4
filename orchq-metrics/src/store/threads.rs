//! Which shard is this thread's own.

use std::cell::{Cell, OnceCell};
use std::sync::atomic::{AtomicU32, Ordering};

use super::shard::{Block, Line, Location, NEAR, Pool, Shard};
use crate::concurrent::sync::{self, Mutex};

static POOL: Pool = Pool::new();

/// Where threads record that have no shard of their own any more.
static ORPHANS: Mutex<Option<&'static Shard>> = Mutex::new(None);

thread_local! {
    /// The near ranges of this thread's shard, those that it has found: what an emission reads.
    /// Without a destructor, so that it can be read for as long as the thread runs.
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

/// The cells at a location in this thread's shard, if its range is a near one. It has none where the
/// thread has not recorded yet.
#[inline(always)]
pub(crate) fn near_block(location: Location) -> Option<Block<'static>> {
    let range = location.range as usize;
    (range < NEAR).then(|| Block::new(LINES.with(|lines| lines[range].get()), location))
}

/// The cells at a location in this thread's shard, if it has any; from now on it finds them at once.
pub(crate) fn own_block(location: Location) -> Block<'static> {
    let lines = OWN.get().and_then(|shard| shard.lines(location.range)).unwrap_or_default();
    remember(location.range, lines);
    Block::new(lines, location)
}

/// Has a near range of this thread's shard be found at once.
fn remember(range: u32, lines: &'static [Line]) {
    LINES.with(|near| {
        if let Some(near) = near.get(range as usize) {
            near.set(lines);
        }
    });
}

/// Works on the cells at a location, in a range of so many, that are this thread's alone meanwhile.
///
/// A destructor of another thread-local may record after the lease has ended; all such
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

/// This thread's shard, which it keeps from now on; none where the thread is at its end.
pub(crate) fn own() -> Option<&'static Shard> {
    let shard = LEASE.try_with(|lease| lease.get_or_init(|| Lease(POOL.take())).0).ok();
    OWN.set(shard);
    shard
}

/// Every shard of the process.
pub(crate) fn all() -> Vec<&'static Shard> {
    POOL.all()
}

/// The first of so many ranges of cells that no other family has.
pub(crate) fn new_ranges(count: usize) -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(count as u32, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thread inherits what an ended one had, and finds it at once from the second time on: also
    /// what it has no need to make.
    #[test]
    fn what_was_inherited_is_found_at_once() {
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
