//! Prints the memory of a number of series.

use std::alloc::System;

use orchq_metrics_bench_foundations::Foundations;
use orchq_metrics_bench_harness::memory;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<(), String> {
    memory::child(&[&Foundations], || {
        let stats = ALLOCATOR.stats();
        stats.bytes_allocated - stats.bytes_deallocated
    })
}
