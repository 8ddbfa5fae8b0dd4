use orchq_metrics::emits;
use orchq_metrics::v1::*;

fn rejected(reason: RejectReason) -> tasks_rejected_total {
    tasks_rejected_total { reason, engine: Engine::Vllm }
}

#[emits(admission_backpressure_events_total)]
fn reject(reason: RejectReason) {
    admission_backpressure_events_total { engine: Engine::Vllm, policy: Policy::Reject }.inc();
    rejected(reason).inc();
}

fn main() {}
