//! The functions of a contract that run before a scrape or a push reads.

use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use crate::concurrent::sync::lock;

pub(super) type Function = Arc<dyn Fn() + Send + Sync>;

/// The functions of one contract.
pub(super) struct ScrapeFunctions {
    functions: Mutex<Vec<Function>>,
    panics: AtomicU64,
}

impl ScrapeFunctions {
    pub(super) const fn new() -> Self {
        Self { functions: Mutex::new(Vec::new()), panics: AtomicU64::new(0) }
    }

    pub(super) fn run(&self) {
        // A copy, so that a function may add and remove functions, and two threads that read do not wait for each
        // other.
        let functions = lock(&self.functions).clone();
        for function in functions {
            // The program's panic hook reports the panic; the scrape goes on without what the function would record.
            if panic::catch_unwind(AssertUnwindSafe(|| function())).is_err() {
                self.panics.fetch_add(1, Relaxed);
            }
        }
    }

    pub(super) fn add(&self, function: Function) {
        lock(&self.functions).push(function);
    }

    pub(super) fn remove(&self, function: &Function) {
        lock(&self.functions).retain(|known| !Arc::ptr_eq(known, function));
    }

    pub(super) fn has_any(&self) -> bool {
        !lock(&self.functions).is_empty()
    }

    /// How many calls have panicked.
    pub(super) fn panics(&self) -> u64 {
        self.panics.load(Relaxed)
    }
}
