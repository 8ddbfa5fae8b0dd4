//! Loom's atomics and locks, under the names of the shipped `sync` module.
//!
//! The shipped sources create theirs in constants. Loom's can be created only while a model runs, so each of
//! these becomes one of loom's when it is first used.

use std::cell::RefCell;
use std::sync::{LockResult, OnceLock as Once};

use loom::sync as checked;
pub(crate) use loom::sync::MutexGuard;
pub(crate) use loom::sync::atomic::{Ordering, fence};
pub(crate) use std::sync::PoisonError;

/// More atomics than any model uses.
const SPARE: usize = 96;

thread_local! {
    /// Loom runs all threads of a model on one.
    static SPARES: RefCell<Vec<checked::atomic::AtomicU64>> = const { RefCell::new(Vec::new()) };
}

/// Creates the atomics of one run before its threads start. Loom refuses an atomic that another thread has
/// created without synchronization. Safe Rust rules that out already, so that the model need not.
pub(crate) fn prepare() {
    SPARES.set((0..SPARE).map(|_| checked::atomic::AtomicU64::new(0)).collect());
}

macro_rules! atomic {
    ($name:ident, $number:ty) => {
        #[derive(Default)]
        pub(crate) struct $name(Once<checked::atomic::AtomicU64>);

        #[allow(dead_code, reason = "not every width has every operation")]
        impl $name {
            pub(crate) const fn new(value: $number) -> Self {
                assert!(value == 0, "the store's atomics begin at zero");
                Self(Once::new())
            }

            fn checked(&self) -> &checked::atomic::AtomicU64 {
                let spare = || SPARES.with_borrow_mut(|spares| spares.pop().expect("SPARE is enough"));
                self.0.get_or_init(spare)
            }

            pub(crate) fn load(&self, ordering: Ordering) -> $number {
                self.checked().load(ordering) as $number
            }

            pub(crate) fn store(&self, value: $number, ordering: Ordering) {
                self.checked().store(value as u64, ordering);
            }

            pub(crate) fn compare_exchange(
                &self,
                current: $number,
                new: $number,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$number, $number> {
                let outcome = self.checked().compare_exchange(current as u64, new as u64, success, failure);
                outcome.map(|value| value as $number).map_err(|value| value as $number)
            }
        }
    };
}

atomic!(AtomicU32, u32);
atomic!(AtomicU64, u64);
atomic!(AtomicUsize, usize);

/// A cell that is written once. In the store, one thread at a time writes it, under a lock or as a shard's
/// owner, so that two writers never meet.
#[derive(Default)]
pub(crate) struct OnceLock<T> {
    value: Once<T>,
    set: AtomicU32,
}

impl<T> OnceLock<T> {
    pub(crate) const fn new() -> Self {
        Self { value: Once::new(), set: AtomicU32::new(0) }
    }

    pub(crate) fn get(&self) -> Option<&T> {
        if self.set.load(Ordering::Acquire) == 0 { None } else { self.value.get() }
    }

    pub(crate) fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        self.get().unwrap_or_else(|| {
            assert!(self.value.set(make()).is_ok(), "one thread at a time makes it");
            self.set.store(1, Ordering::Release);
            self.value.get().expect("it was set")
        })
    }
}

/// A value until its lock is first used.
struct Later<T, L> {
    value: std::sync::Mutex<Option<T>>,
    lock: Once<L>,
}

impl<T, L> Later<T, L> {
    const fn new(value: T) -> Self {
        Self { value: std::sync::Mutex::new(Some(value)), lock: Once::new() }
    }

    fn lock(&self, make: fn(T) -> L) -> &L {
        self.lock.get_or_init(|| {
            let value = self.value.lock().unwrap_or_else(PoisonError::into_inner).take();
            make(value.expect("it is taken once"))
        })
    }
}

pub(crate) struct Mutex<T>(Later<T, checked::Mutex<T>>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Later::new(value))
    }
}

pub(crate) struct RwLock<T>(Later<T, checked::RwLock<T>>);

impl<T> RwLock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Later::new(value))
    }

    pub(crate) fn read(&self) -> LockResult<checked::RwLockReadGuard<'_, T>> {
        self.0.lock(checked::RwLock::new).read()
    }

    pub(crate) fn write(&self) -> LockResult<checked::RwLockWriteGuard<'_, T>> {
        self.0.lock(checked::RwLock::new).write()
    }
}

/// Lets the thread that is waited for go on.
pub(crate) fn wait(_: &mut u32) {
    loom::thread::yield_now();
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.0.lock(checked::Mutex::new).lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn seed<T>(_: &T) -> u64 {
    0
}
