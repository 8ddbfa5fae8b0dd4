//! A replica as the queue sees it: its name, its engine, and its current labels.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use orchq_metrics::v1::Replica;

use crate::engine::Engine;

/// One replica of a pool. The pool, its slots and its tasks share it.
///
/// An engine can restart with another version, so its labels can change. All recording goes through
/// [`record`](Self::record), so that nothing brings removed series of an old version back.
pub struct Backend {
    name: Arc<str>,
    engine: Arc<dyn Engine>,
    labels: RwLock<Option<Replica>>,
    /// How many tasks in a row could not reach the engine.
    unreached: AtomicU32,
}

impl Backend {
    /// A replica, without labels if its engine has not reported its version yet.
    pub fn new(name: impl Into<Arc<str>>, engine: Arc<dyn Engine>, labels: Option<Replica>) -> Self {
        Self { name: name.into(), engine, labels: RwLock::new(labels), unreached: AtomicU32::new(0) }
    }

    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Its engine.
    pub fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    /// Notes whether a request reached the engine.
    pub fn reached(&self, reached: bool) {
        if reached {
            self.unreached.store(0, Ordering::Relaxed);
        } else {
            self.unreached.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many requests in a row did not reach the engine.
    pub fn unreached(&self) -> u32 {
        self.unreached.load(Ordering::Relaxed)
    }

    /// Its current labels.
    pub fn labels(&self) -> Option<Replica> {
        *self.labels.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records under the current labels, which do not change meanwhile. A replica without labels takes no tasks and has
    /// nothing to record.
    pub fn record(&self, record: impl FnOnce(Replica)) {
        let labels = self.labels.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(replica) = *labels {
            record(replica);
        }
    }

    /// Changes its labels. `remove` gets the old ones, when nothing records under them any more.
    pub fn relabel(&self, labels: Replica, remove: impl FnOnce(Replica)) {
        let mut current = self.labels.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = current.replace(labels) {
            remove(old);
        }
    }
}

// `dyn Engine` has no `Debug`.
impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").field("name", &self.name).field("labels", &self.labels).finish_non_exhaustive()
    }
}
