//! `prometheus-static-metric`: closed labels as fields of a struct; it has no open ones.

use orchq_metrics_bench_auto_flush as auto_flush;
use orchq_metrics_bench_harness::{Candidate, Filled, Form, Work, cycle, workloads};
use prometheus::{IntCounterVec, Opts};
use prometheus_static_metric::make_static_metric;

use super::prometheus::served;

make_static_metric! {
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

    pub struct Rejected: IntCounter {
        "reason" => Reason,
        "engine" => Engine,
    }
}

pub(super) struct StaticMetric;

impl Candidate for StaticMetric {
    fn name(&self) -> &'static str {
        "prometheus-static-metric"
    }

    fn forms(&self, work: Work) -> Vec<Form> {
        if work != Work::ClosedPair {
            return Vec::new();
        }
        let opts = Opts::new(workloads::CLOSED, workloads::HELP);
        let (vec, text) = served(IntCounterVec::new(opts, &workloads::CLOSED_LABELS));
        let rejected = Rejected::from(&vec);
        let pairs = workloads::closed_pairs().into_iter().map(pair).collect();
        let count = move |(reason, engine): &(Reason, Engine)| rejected.get(*reason).get(*engine).inc();
        vec![Form::cycling("label set", pairs, count, text), auto_flushed()]
    }

    fn fill(&self, _series: usize) -> Option<Filled> {
        None
    }
}

/// Its metrics are statics, so that other forms may have counted before.
fn auto_flushed() -> Form {
    let pairs: Vec<_> = workloads::closed_pairs().into_iter().map(auto_flushed_pair).collect();
    let run = move |operations| {
        let rejected = &*auto_flush::REJECTED;
        cycle(&pairs, operations, |(reason, engine)| rejected.get(*reason).get(*engine).inc());
        rejected.flush();
    };
    let (_, text) = served(Ok(auto_flush::SHARED.clone()));
    Form::new("label set, local", run, text).counting_from_here()
}

fn pair((reason, engine): (workloads::Reason, workloads::Engine)) -> (Reason, Engine) {
    let reason = match reason {
        workloads::Reason::AdmissionReject => Reason::admission_reject,
        workloads::Reason::QueueFullDropLru => Reason::queue_full_drop_lru,
        workloads::Reason::InvalidParams => Reason::invalid_params,
        workloads::Reason::PoolUnready => Reason::pool_unready,
        workloads::Reason::PoolUnavailable => Reason::pool_unavailable,
        workloads::Reason::ReplicaExhausted => Reason::replica_exhausted,
    };
    let engine = match engine {
        workloads::Engine::LlamaCpp => Engine::llamacpp,
        workloads::Engine::Vllm => Engine::vllm,
        workloads::Engine::Tgi => Engine::tgi,
        workloads::Engine::Triton => Engine::triton,
    };
    (reason, engine)
}

fn auto_flushed_pair(
    (reason, engine): (workloads::Reason, workloads::Engine),
) -> (auto_flush::Reason, auto_flush::Engine) {
    let reason = match reason {
        workloads::Reason::AdmissionReject => auto_flush::Reason::admission_reject,
        workloads::Reason::QueueFullDropLru => auto_flush::Reason::queue_full_drop_lru,
        workloads::Reason::InvalidParams => auto_flush::Reason::invalid_params,
        workloads::Reason::PoolUnready => auto_flush::Reason::pool_unready,
        workloads::Reason::PoolUnavailable => auto_flush::Reason::pool_unavailable,
        workloads::Reason::ReplicaExhausted => auto_flush::Reason::replica_exhausted,
    };
    let engine = match engine {
        workloads::Engine::LlamaCpp => auto_flush::Engine::llamacpp,
        workloads::Engine::Vllm => auto_flush::Engine::vllm,
        workloads::Engine::Tgi => auto_flush::Engine::tgi,
        workloads::Engine::Triton => auto_flush::Engine::triton,
    };
    (reason, engine)
}
