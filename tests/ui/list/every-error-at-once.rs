use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits("queue_depth", 7, tasks_rejected_total, tasks_rejected_total, kv_cache_usage_ratio)]
fn reject() {
    tasks_rejected_total { reason: RejectReason::InvalidParams, engine: Engine::Vllm }.inc();
}

fn main() {}
