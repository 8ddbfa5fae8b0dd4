//! The worker: slots that decode tasks on an engine, and the metrics that only a worker can know.
//!
//! A worker does not know the queue. It gets tasks from a [`TaskSource`], and could run in another process.

pub mod gpu;
mod kv_cache;
mod slot;

pub use kv_cache::{KvCache, KvCacheLease};
pub use slot::{Slot, TaskSource};
