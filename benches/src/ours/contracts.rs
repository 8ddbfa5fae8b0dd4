//! The contracts of the benchmark: one for the emissions, and one for each text, because values are global.

use orchq_metrics::{Label, Labels, Symbol, contract};
use orchq_metrics_bench_harness::workloads;

/// The kind of engine.
#[derive(Clone, Copy, Debug, Label)]
pub enum Engine {
    /// The llama.cpp server.
    #[label("llamacpp")]
    LlamaCpp,
    /// vLLM.
    #[label("vllm")]
    Vllm,
    /// Text Generation Inference.
    #[label("tgi")]
    Tgi,
    /// Triton.
    #[label("triton")]
    Triton,
}

/// Why a task is rejected.
#[derive(Clone, Copy, Debug, Label)]
pub enum Reason {
    /// The queue is full.
    #[label("ADMISSION_REJECT")]
    AdmissionReject,
    /// Dropped for another task.
    #[label("QUEUE_FULL_DROP_LRU")]
    QueueFullDropLru,
    /// The request makes no sense.
    #[label("INVALID_PARAMS")]
    InvalidParams,
    /// The pool does not serve yet.
    #[label("POOL_UNREADY")]
    PoolUnready,
    /// There is no such pool.
    #[label("POOL_UNAVAILABLE")]
    PoolUnavailable,
    /// No replica can hold the task.
    #[label("REPLICA_EXHAUSTED")]
    ReplicaExhausted,
}

/// The version that an engine reports.
#[derive(Clone, Copy, Debug, Label)]
#[label(budget = 64)]
pub struct EngineVersion(Symbol);

/// A pool's name.
#[derive(Clone, Copy, Debug, Label)]
#[label(budget = 256)]
pub struct PoolId(Symbol);

/// A replica's name.
#[derive(Clone, Copy, Debug, Label)]
#[label(budget = 1024)]
pub struct ReplicaId(Symbol);

/// A task's priority.
#[derive(Clone, Copy, Debug, Label)]
#[label(budget = 8)]
pub struct Priority(Symbol);

/// A pool: three labels that belong together.
#[derive(Clone, Copy, Debug, Labels)]
pub struct Pool {
    /// What it runs.
    pub engine: Engine,
    /// In which version.
    pub engine_version: EngineVersion,
    /// What it is called.
    pub pool_id: PoolId,
}

/// A replica: its pool, flattened, and its name.
#[derive(Clone, Copy, Debug, Labels)]
pub struct Replica {
    /// The pool's three labels.
    #[labels]
    pub pool: Pool,
    /// What it is called.
    pub replica_id: ReplicaId,
}

/// What is emitted one by one. Forms that are timed side by side have families of their own.
#[contract(name = "bench", version = "1.0.0")]
pub mod emission {
    use super::*;

    /// What the benchmark records.
    #[counter(unit = "1")]
    pub struct bench_tasks_total {
        #[labels]
        replica: Replica,
        priority: Priority,
    }

    /// What the benchmark records from strings.
    #[counter(unit = "1")]
    pub struct bench_tasks_from_strings_total {
        #[labels]
        replica: Replica,
        priority: Priority,
    }

    /// What the benchmark records through a handle.
    #[counter(unit = "1")]
    pub struct bench_tasks_by_handle_total {
        #[labels]
        replica: Replica,
        priority: Priority,
    }

    /// What the benchmark records with closed labels.
    #[counter(unit = "1")]
    pub struct bench_rejected_total {
        reason: Reason,
        engine: Engine,
    }

    /// What the benchmark records with closed labels from strings.
    #[counter(unit = "1")]
    pub struct bench_rejected_from_strings_total {
        reason: Reason,
        engine: Engine,
    }

    /// What the benchmark observes.
    #[histogram(unit = "milliseconds", buckets = workloads::BUCKETS)]
    pub struct bench_latency_ms {
        #[labels]
        pool: Pool,
        priority: Priority,
    }

    /// What the benchmark observes, from strings.
    #[histogram(unit = "milliseconds", buckets = workloads::BUCKETS)]
    pub struct bench_from_strings_ms {
        #[labels]
        pool: Pool,
        priority: Priority,
    }

    /// What the benchmark observes through a handle.
    #[histogram(unit = "milliseconds", buckets = workloads::BUCKETS)]
    pub struct bench_by_handle_ms {
        #[labels]
        pool: Pool,
        priority: Priority,
    }

    /// What the benchmark raises.
    #[gauge(unit = "1")]
    pub struct bench_depth {
        #[labels]
        replica: Replica,
        priority: Priority,
    }

    /// What the benchmark raises, from strings.
    #[gauge(unit = "1")]
    pub struct bench_depth_from_strings {
        #[labels]
        replica: Replica,
        priority: Priority,
    }

    /// What the benchmark raises through a handle.
    #[gauge(unit = "1")]
    pub struct bench_depth_by_handle {
        #[labels]
        replica: Replica,
        priority: Priority,
    }

    /// What the benchmark sets through a handle.
    #[gauge(unit = "1")]
    pub struct bench_level_by_handle {
        #[labels]
        replica: Replica,
        priority: Priority,
    }
}

/// Many series of one counter, more than a metric may have by default.
#[contract(name = "bench-series", version = "1.0.0")]
pub mod series {
    use super::*;

    /// What the benchmark records.
    #[counter(unit = "1", series_limit = 2_000_000)]
    pub struct bench_series_total {
        #[labels]
        replica: Replica,
        priority: Priority,
    }

    /// What the benchmark records from strings.
    #[counter(unit = "1", series_limit = 2_000_000)]
    pub struct bench_series_from_strings_total {
        #[labels]
        replica: Replica,
        priority: Priority,
    }
}

/// The text of counters.
#[contract(name = "bench-counters", version = "1.0.0")]
pub mod counters {
    use super::*;

    /// What the benchmark records.
    #[counter(unit = "1", series_limit = 20_000)]
    pub struct bench_counter_total {
        #[labels]
        replica: Replica,
        priority: Priority,
    }
}

/// The text of histograms.
#[contract(name = "bench-histograms", version = "1.0.0")]
pub mod histograms {
    use super::*;

    /// What the benchmark observes.
    #[histogram(unit = "milliseconds", buckets = workloads::BUCKETS)]
    pub struct bench_histogram_ms {
        #[labels]
        pool: Pool,
        priority: Priority,
    }
}
