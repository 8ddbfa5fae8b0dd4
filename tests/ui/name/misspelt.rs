use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(task_rejected_total)]
fn reject() {
    task_rejected_total { reason: RejectReason::InvalidParams, engine: Engine::Vllm }.inc();
}

fn main() {}
