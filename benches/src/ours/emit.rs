//! The emission sites.

use std::time::Duration;

use orchq_metrics::{Handle, emits};
use orchq_metrics_bench_harness::workloads::{self, LabelSet};

use super::contracts::counters::bench_counter_total;
use super::contracts::emission::{
    bench_by_handle_ms, bench_depth, bench_depth_by_handle, bench_depth_from_strings, bench_from_strings_ms,
    bench_latency_ms, bench_level_by_handle, bench_rejected_from_strings_total, bench_rejected_total,
    bench_tasks_by_handle_total, bench_tasks_from_strings_total, bench_tasks_total,
};
use super::contracts::histograms::bench_histogram_ms;
use super::contracts::series::{bench_series_from_strings_total, bench_series_total};
use super::contracts::{Engine, EngineVersion, Pool, PoolId, Priority, Reason, Replica, ReplicaId};

/// The labels of a value: those that a replica keeps, and a task's priority.
#[derive(Clone, Copy, Debug)]
pub(super) struct Owner {
    replica: Replica,
    priority: Priority,
}

impl Owner {
    /// Interns every value.
    pub(super) fn from_set(set: &LabelSet) -> Self {
        let replica = Replica { pool: pool(set), replica_id: ReplicaId::new(&set.replica_id) };
        Self { replica, priority: Priority::new(&set.priority) }
    }
}

fn pool(set: &LabelSet) -> Pool {
    Pool {
        engine: set.engine.as_str().parse().expect("the engine is one of the four"),
        engine_version: EngineVersion::new(&set.engine_version),
        pool_id: PoolId::new(&set.pool_id),
    }
}

impl From<workloads::Engine> for Engine {
    fn from(engine: workloads::Engine) -> Self {
        engine.as_str().parse().expect("the engine is one of the four")
    }
}

impl From<workloads::Reason> for Reason {
    fn from(reason: workloads::Reason) -> Self {
        reason.as_str().parse().expect("the reason is one of the six")
    }
}

#[emits(bench_tasks_total)]
pub(super) fn count(owner: &Owner) {
    bench_tasks_total { replica: owner.replica, priority: owner.priority }.inc();
}

#[emits(bench_tasks_from_strings_total)]
pub(super) fn count_from_strings(set: &LabelSet) {
    let Owner { replica, priority } = Owner::from_set(set);
    bench_tasks_from_strings_total { replica, priority }.inc();
}

#[emits(bench_tasks_by_handle_total)]
pub(super) fn task_handle(owner: Owner) -> Handle<bench_tasks_by_handle_total> {
    bench_tasks_by_handle_total { replica: owner.replica, priority: owner.priority }.handle()
}

#[emits(bench_rejected_total)]
pub(super) fn reject((reason, engine): &(Reason, Engine)) {
    bench_rejected_total { reason: *reason, engine: *engine }.inc();
}

#[emits(bench_rejected_from_strings_total)]
pub(super) fn reject_from_strings((reason, engine): &(&str, &str)) {
    let reason = reason.parse().expect("the reason is one of the six");
    let engine = engine.parse().expect("the engine is one of the four");
    bench_rejected_from_strings_total { reason, engine }.inc();
}

#[emits(bench_latency_ms)]
pub(super) fn observe((owner, took): &(Owner, Duration)) {
    bench_latency_ms { pool: owner.replica.pool, priority: owner.priority }.observe(*took);
}

#[emits(bench_from_strings_ms)]
pub(super) fn observe_from_strings((set, took): &(LabelSet, Duration)) {
    bench_from_strings_ms { pool: pool(set), priority: Priority::new(&set.priority) }.observe(*took);
}

#[emits(bench_by_handle_ms)]
pub(super) fn latency_handle(owner: Owner) -> Handle<bench_by_handle_ms> {
    bench_by_handle_ms { pool: owner.replica.pool, priority: owner.priority }.handle()
}

#[emits(bench_depth)]
pub(super) fn raise(owner: &Owner) {
    bench_depth { replica: owner.replica, priority: owner.priority }.inc();
}

#[emits(bench_depth_from_strings)]
pub(super) fn raise_from_strings(set: &LabelSet) {
    let Owner { replica, priority } = Owner::from_set(set);
    bench_depth_from_strings { replica, priority }.inc();
}

#[emits(bench_depth_by_handle)]
pub(super) fn depth_handle(owner: Owner) -> Handle<bench_depth_by_handle> {
    bench_depth_by_handle { replica: owner.replica, priority: owner.priority }.handle()
}

#[emits(bench_level_by_handle)]
pub(super) fn level_handle(owner: Owner) -> Handle<bench_level_by_handle> {
    bench_level_by_handle { replica: owner.replica, priority: owner.priority }.handle()
}

#[emits(bench_series_total)]
pub(super) fn count_series(owner: &Owner) {
    bench_series_total { replica: owner.replica, priority: owner.priority }.inc();
}

#[emits(bench_series_from_strings_total)]
pub(super) fn count_series_from_strings(set: &LabelSet) {
    let Owner { replica, priority } = Owner::from_set(set);
    bench_series_from_strings_total { replica, priority }.inc();
}

#[emits(bench_counter_total)]
pub(super) fn counter_for_text(owner: Owner, value: u64) {
    bench_counter_total { replica: owner.replica, priority: owner.priority }.inc_by(value);
}

#[emits(bench_histogram_ms)]
pub(super) fn histogram_for_text(owner: Owner) {
    let latency = bench_histogram_ms { pool: owner.replica.pool, priority: owner.priority }.handle();
    workloads::observations().into_iter().for_each(|value| latency.observe(super::milliseconds(value)));
}
