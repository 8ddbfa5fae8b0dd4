//! `make_auto_flush_static_metric!` of prometheus-static-metric.
//!
//! It has a package of its own because the macro writes `unsafe`, which the workspace forbids. Its
//! metrics are statics, so that there is one counter in the process.

use std::time::Duration;

use lazy_static::lazy_static;
use prometheus::{IntCounterVec, Opts};
use prometheus_static_metric::{auto_flush_from, make_auto_flush_static_metric};

make_auto_flush_static_metric! {
    pub label_enum Reason {
        admission_reject: "ADMISSION_REJECT",
        queue_full_drop_lru: "QUEUE_FULL_DROP_LRU",
        invalid_params: "INVALID_PARAMS",
        pool_unready: "POOL_UNREADY",
        pool_unavailable: "POOL_UNAVAILABLE",
        replica_exhausted: "REPLICA_EXHAUSTED",
    }

    pub label_enum Engine {
        llamacpp,
        vllm,
        tgi,
        triton,
    }

    pub struct Rejected: LocalIntCounter {
        "reason" => Reason,
        "engine" => Engine,
    }
}

lazy_static! {
    /// The vector that the threads flush into.
    pub static ref SHARED: IntCounterVec =
        IntCounterVec::new(Opts::new("bench_rejected_total", "What the benchmark records."), &["reason", "engine"])
            .expect("the name is legal");
    /// Each thread's own, flushed every second by the thread itself.
    pub static ref REJECTED: Rejected = auto_flush_from!(SHARED, Rejected, Duration::from_secs(1));
}
