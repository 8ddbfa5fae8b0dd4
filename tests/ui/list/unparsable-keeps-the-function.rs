use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(= 12, tasks_rejected_total)]
fn reject() {
    tasks_rejected_total { reason: RejectReason::InvalidParams, engine: Engine::Vllm }.inc();
}

fn main() {
    // Still there: the one error is the list.
    reject();
}
