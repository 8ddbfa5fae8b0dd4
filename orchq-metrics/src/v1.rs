//! OrchQueue's contract, version 1: the page to read first.
//!
//! Thirteen metrics, in the order of the document `docs/metrics-contract.md`, which is rendered from here.
//! Changing a name, a label, a value, a unit or a bucket breaks dashboards and alerts outside this repository.

mod labels;

pub use contract::*;
pub use labels::{
    CancelReason, Device, Engine, EngineBuild, EngineVersion, Model, ModelDigest, ModelId, Policy, Pool, PoolId,
    Priority, RejectReason, Replica, ReplicaId, TritonBuild, TrtLlmVersion,
};

/// From 5 ms, a first token from a warm cache, to two minutes, a queue that is far too long.
const FIRST_TOKEN_MS: [f64; 14] =
    [5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 10e3, 30e3, 60e3, 120e3];

/// From 10 ms, a stream of a few tokens, to five minutes, a long answer from a slow engine.
const DECODE_MS: [f64; 14] = [10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 10e3, 30e3, 60e3, 120e3, 300e3];

/// # Metrics Contract — OTEL/Prometheus
///
/// Status: pre-code · Scope: OrchQueue v1 data plane & control plane
///
/// ## Conventions
///
/// - Prometheus metrics exported by orchestrator and workers must include labels:
///   - `engine` (llamacpp|vllm|tgi|triton)
///   - engine-specific version labels: `engine_version`, and when applicable `trtllm_version`
///   - `pool_id`, `replica_id` (where applicable), `model_id` or `model_digest`
/// - Metrics are contracts: names and label sets are stable. Changes are breaking.
/// - Links to requirements use ORCH-IDs when available in SPEC (none assigned yet in current SPEC).
///
/// <!-- metrics -->
///
/// ## Linter Expectations
///
/// - All metrics above must be present in code emission sites (no runtime logic here).
/// - Labels must include `engine` and engine-specific version labels as described.
#[crate::macros::contract(name = "orchqueue", version = "1.0.0")]
mod contract {
    use super::*;

    // Counters

    /// Number of tasks accepted into the queue.
    #[counter(unit = "1")]
    pub struct tasks_enqueued_total {
        #[labels]
        replica: Replica,
        priority: Priority,
    }

    /// Number of tasks that started decoding on a worker slot.
    #[counter(unit = "1")]
    pub struct tasks_started_total {
        #[labels]
        replica: Replica,
        priority: Priority,
    }

    /// Number of tasks canceled (user or watchdog).
    #[counter(unit = "1")]
    pub struct tasks_canceled_total {
        #[labels]
        replica: Replica,
        reason: CancelReason,
    }

    /// Number of rejected tasks with the typed reason.
    // Rejected before placement, so that there is no replica yet.
    #[counter(unit = "1")]
    pub struct tasks_rejected_total {
        reason: RejectReason,
        engine: Engine,
    }

    // Gauges

    /// Current queue length per pool/priority.
    #[gauge(unit = "1")]
    pub struct queue_depth {
        #[labels]
        pool: Pool,
        priority: Priority,
    }

    /// Ratio of KV cache used vs capacity.
    #[gauge(unit = "ratio")]
    pub struct kv_cache_usage_ratio {
        #[labels]
        replica: Replica,
    }

    /// GPU utilization percent.
    #[gauge(unit = "percent")]
    pub struct gpu_utilization {
        #[labels]
        replica: Replica,
        device: Device,
    }

    /// VRAM used by the worker process(es).
    #[gauge(unit = "bytes")]
    pub struct vram_used_bytes {
        #[labels]
        replica: Replica,
        device: Device,
    }

    // Summaries/Histograms, and with them the token counters, as in the document.

    /// Time to first token since job admission.
    #[histogram(unit = "milliseconds", buckets = FIRST_TOKEN_MS)]
    pub struct latency_first_token_ms {
        #[labels]
        pool: Pool,
        priority: Priority,
    }

    /// Decode time for the full stream per job.
    #[histogram(unit = "milliseconds", buckets = DECODE_MS)]
    pub struct latency_decode_ms {
        #[labels]
        pool: Pool,
        priority: Priority,
    }

    /// Total prompt tokens processed.
    #[counter(unit = "tokens", section = "Summaries/Histograms")]
    pub struct tokens_in_total {
        #[labels]
        replica: Replica,
    }

    /// Total output tokens generated.
    #[counter(unit = "tokens", section = "Summaries/Histograms")]
    pub struct tokens_out_total {
        #[labels]
        replica: Replica,
    }

    // Backpressure

    /// Number of backpressure decisions taken.
    #[counter(unit = "1", section = "Backpressure")]
    pub struct admission_backpressure_events_total {
        engine: Engine,
        policy: Policy,
    }
}
