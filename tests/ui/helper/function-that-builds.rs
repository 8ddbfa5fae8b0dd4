use orchq_metrics::emits;
use orchq_metrics::v1::*;

fn rejected(reason: RejectReason) -> tasks_rejected_total {
    tasks_rejected_total { reason, engine: Engine::Vllm }
}

#[emits(tasks_rejected_total)]
fn reject(reason: RejectReason) {
    rejected(reason).inc();
}

fn main() {}
