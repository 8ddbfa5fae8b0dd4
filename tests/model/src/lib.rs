//! The lock-free parts of the store, compiled a second time against loom's atomics and locks,
//! and a small copy of what a family does with them. The tests run them in every interleaving.
//!
//! The copies follow `orchq-metrics/src/store`: [`Counters`] is `sharded.rs` and `family.rs`, [`Gauges`] is
//! `gauge.rs`.

mod concurrent;
mod counters;
mod declare;
mod gauges;
#[allow(dead_code, reason = "the shipped sources have more than the models use")]
mod store;

pub use counters::{Counters, Handle, Worker, Workers};
pub use gauges::{Gauges, Level};

/// A label set of two cells.
pub type Labels = [u64; 2];

/// Runs `model` in every interleaving, or in those with at most that many preemptions.
pub fn check(preemptions: Option<usize>, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions;
    builder.max_branches = 10_000;
    builder.check(move || {
        concurrent::sync::prepare();
        model();
    });
}

/// A thread of the model.
pub use loom::thread::spawn;
