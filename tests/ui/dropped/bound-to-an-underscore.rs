use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(tasks_rejected_total)]
fn reject() {
    let _ = tasks_rejected_total { reason: RejectReason::InvalidParams, engine: Engine::Vllm };
}

fn main() {
    reject();
}
