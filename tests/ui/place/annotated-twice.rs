use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(tasks_rejected_total)]
#[emits(admission_backpressure_events_total)]
fn reject() {
    tasks_rejected_total { reason: RejectReason::InvalidParams, engine: Engine::Vllm }.inc();
    admission_backpressure_events_total { engine: Engine::Vllm, policy: Policy::Reject }.inc();
}

fn main() {
    reject();
}
