//! The worker: slots that decode tasks on an engine, and the figures that only a worker can know.
//!
//! A worker knows no queue. It takes its work from a [`TaskSource`], and could as well run in another process.

pub mod gpu;
mod kv_cache;
mod slot;

pub use kv_cache::{KvCache, KvLease};
pub use slot::{Slot, TaskSource};
