//! Which shard is this thread's own.

use std::cell::{Cell, OnceCell};
use std::sync::atomic::{AtomicU32, Ordering};

use super::shard::{Pool, Shard};
use crate::concurrent::sync::{self, Mutex};

static POOL: Pool = Pool::new();

/// Where threads record that have none of their own any more.
static ORPHANS: Mutex<Option<&'static Shard>> = Mutex::new(None);

thread_local! {
    /// Without a destructor, so that it can be read as long as the thread runs.
    static OWN: Cell<Option<&'static Shard>> = const { Cell::new(None) };
    static LEASE: OnceCell<Lease> = const { OnceCell::new() };
}

/// Gives the shard back when the thread ends.
struct Lease(&'static Shard);

impl Drop for Lease {
    fn drop(&mut self) {
        OWN.set(None);
        POOL.give_back(self.0);
    }
}

/// This thread's shard, once it has recorded something.
#[inline]
pub(crate) fn own() -> Option<&'static Shard> {
    OWN.get()
}

/// Runs with a shard that is this thread's alone meanwhile.
///
/// A destructor of another thread-local may record after the lease has ended; all such
/// threads share one shard, one at a time.
pub(crate) fn with_a_shard<R>(work: impl FnOnce(&'static Shard) -> R) -> R {
    let lease = LEASE.try_with(|lease| lease.get_or_init(|| Lease(POOL.take())).0);
    match lease {
        Ok(shard) => {
            OWN.set(Some(shard));
            work(shard)
        }
        Err(_) => work(sync::lock(&ORPHANS).get_or_insert_with(|| POOL.take())),
    }
}

/// Every shard of the process.
pub(crate) fn all() -> Vec<&'static Shard> {
    POOL.all()
}

/// A range of words that no other family has.
pub(crate) fn new_range() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
