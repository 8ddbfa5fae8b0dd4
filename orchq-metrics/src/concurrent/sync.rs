//! Where the atomics and locks come from; the model checker has another file instead of this one.

pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
pub(crate) use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

/// Waits for a thread that is between two instructions: by spinning, and if that one was
/// stopped there, by giving it the processor.
pub(crate) fn wait(attempts: &mut u32) {
    *attempts += 1;
    if *attempts < 100 { std::hint::spin_loop() } else { std::thread::yield_now() }
}

/// The lock, also after a panic: what it guards is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number that nobody outside knows, the same for as long as the thing lives: its address. The model checker,
/// whose runs have to be alike, has another.
#[inline(always)]
pub(crate) fn seed<T>(of: &T) -> u64 {
    std::ptr::from_ref(of).addr() as u64
}
