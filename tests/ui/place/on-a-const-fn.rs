use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(tasks_rejected_total)]
const fn reject() {
    tasks_rejected_total { reason: RejectReason::InvalidParams, engine: Engine::Vllm }.inc();
}

fn main() {
    reject();
}
