//! Memory stays flat where a limit says that it does: every byte that the process holds is counted.

mod linting;
mod pushing;

use std::alloc::System;
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;

use orchq_metrics::{Label, Labels, Symbol, contract, emits, text};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// One test at a time, because the bytes of all are counted together.
static ALONE: Mutex<()> = Mutex::new(());

/// The bytes of tests that end or begin meanwhile. One byte for each of a million values would be far more.
const NOISE: isize = 16 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 1000)]
struct Tenant(Symbol);

#[derive(Clone, Copy, Debug, Labels)]
struct Replica {
    replica: Tenant,
}

#[contract(name = "memory", version = "1.0.0")]
mod memory {
    use super::*;

    /// By tenant.
    #[counter(unit = "1")]
    pub struct memory_requests_total {
        tenant: Tenant,
    }

    /// By tenant.
    #[gauge(unit = "1")]
    pub struct memory_level {
        tenant: Tenant,
    }

    /// With room for few.
    #[histogram(unit = "ratio", buckets = [0.5], series_limit = 50)]
    pub struct memory_score {
        tenant: Tenant,
        name: Tenant,
    }

    /// Of a replica.
    #[counter(unit = "1")]
    pub struct memory_passing_total {
        #[labels]
        replica: Replica,
        tenant: Tenant,
    }

    /// Of threads.
    #[counter(unit = "1")]
    pub struct memory_threads_total {
        tenant: Tenant,
    }
}
use memory::*;

fn bytes_in_use() -> isize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated as isize - stats.bytes_deallocated as isize
}

/// Fails if the work takes memory.
fn assert_flat(work: impl FnOnce()) {
    let before = bytes_in_use();
    work();
    let grown = bytes_in_use() - before;
    assert!(grown < NOISE, "{grown} bytes more are in use than before");
}

fn sum(metric: &str) -> u64 {
    let text = text::encode(&CONTRACT);
    let samples = text.lines().filter(|line| line.starts_with(metric) && line[metric.len()..].starts_with(['{', ' ']));
    samples.map(|line| line.rsplit(' ').next().and_then(|number| number.parse::<u64>().ok()).expect("a number")).sum()
}

/// Values that a client chooses, which never repeats one.
#[emits(memory_requests_total, memory_level, memory_score)]
fn hostile(values: std::ops::Range<u64>) {
    let mut value = String::new();
    for n in values {
        value.clear();
        std::fmt::Write::write_fmt(&mut value, format_args!("value {n}")).expect("a string takes it");
        let tenant = Tenant::new(&value);
        memory_requests_total { tenant }.inc();
        // The other kinds take the same path, so a part of the stream is enough for them.
        if n.is_multiple_of(10) {
            memory_level { tenant }.set(1);
            memory_score { tenant, name: tenant }.observe(1.0);
        }
    }
}

/// Replicas that come and go, with some series each. Returns how many series there were.
#[emits(memory_passing_total)]
fn pass(replicas: usize) -> usize {
    // Within the budget, which is never freed.
    let tenants: Vec<_> = (0..SERIES_OF_A_REPLICA).map(|n| Tenant::new(&format!("value {n}"))).collect();
    let pass = |n: usize| {
        let replica = Replica { replica: tenants[n % tenants.len()] };
        for tenant in &tenants {
            memory_passing_total { replica, tenant: *tenant }.inc();
        }
        CONTRACT.remove(replica)
    };
    (0..replicas).map(pass).sum()
}

const SERIES_OF_A_REPLICA: usize = 500;

/// Both at once, because each takes some seconds.
#[test]
fn a_million_hostile_values_and_a_million_series_that_come_and_go_take_no_memory() {
    const FIRST: u64 = 20_000;
    const ALL: u64 = 1_000_000;
    const REPLICAS: usize = ALL as usize / SERIES_OF_A_REPLICA;
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let both = |values, replicas| {
        let hostile = thread::spawn(|| hostile(values));
        let passed = pass(replicas);
        hostile.join().expect("no panic");
        assert_eq!(passed, replicas * SERIES_OF_A_REPLICA);
    };
    both(0..FIRST, 20);
    // A separate part, because slots that are not reused make every removal slower.
    assert_flat(|| both(FIRST..2 * FIRST, 100));
    assert_flat(|| both(2 * FIRST..ALL, REPLICAS - 100));
    assert_eq!(sum("memory_requests_total"), ALL);
    assert_eq!(sum("memory_score_count"), ALL / 10);
    assert_eq!(sum("memory_passing_total"), 0);
    assert!(text::encode(&CONTRACT).contains(Symbol::OVERFLOW_VALUE));
}

#[test]
#[emits(memory_threads_total)]
fn thousands_of_short_lived_threads_take_no_memory() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let tenant = Tenant::new("value 1");
    let batches = |batches: usize| {
        for _ in 0..batches {
            let batch: Vec<_> = (0..50)
                .map(|_| {
                    let record = move || {
                        memory_threads_total { tenant }.inc();
                        memory_threads_total { tenant }.handle().inc();
                    };
                    thread::Builder::new().stack_size(64 << 10).spawn(record).expect("a thread")
                })
                .collect();
            batch.into_iter().for_each(|thread| thread.join().expect("no panic"));
        }
    };
    // The first batches may have run fifty threads at once; that depends on scheduling.
    let together = &Barrier::new(50);
    thread::scope(|scope| {
        for _ in 0..50 {
            scope.spawn(move || {
                together.wait();
                memory_threads_total { tenant }.inc();
                together.wait();
            });
        }
    });
    batches(2);
    assert_flat(|| batches(80));
    assert_eq!(sum("memory_threads_total"), 50 + 82 * 50 * 2);
}
