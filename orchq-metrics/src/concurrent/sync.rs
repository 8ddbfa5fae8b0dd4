//! The atomics and locks. The model checker replaces this file.

pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering, fence};
pub(crate) use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

/// Waits for a thread that is between two instructions: spins, and yields if that thread was preempted there.
pub(crate) fn wait(attempts: &mut u32) {
    *attempts += 1;
    if *attempts < 100 { std::hint::spin_loop() } else { std::thread::yield_now() }
}

/// Locks, also after a panic: the guarded value is consistent between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A secret number, constant for as long as the value lives: its address. The model checker, whose runs have to
/// repeat, has another.
#[inline(always)]
pub(crate) fn seed<T>(of: &T) -> u64 {
    std::ptr::from_ref(of).addr() as u64
}
