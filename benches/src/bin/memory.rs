//! Prints the memory of a number of series of a candidate. A process of its own, because its allocator counts.

use std::alloc::System;

use orchq_metrics_bench::{ours, peers};
use orchq_metrics_bench_harness::{Candidate, memory};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<(), String> {
    let mut candidates: Vec<&dyn Candidate> = vec![&ours::Ours];
    candidates.extend(peers::ALL);
    memory::child(&candidates, || {
        let stats = ALLOCATOR.stats();
        stats.bytes_allocated - stats.bytes_deallocated
    })
}
