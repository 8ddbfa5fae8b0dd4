use orchq_metrics::emits;
use orchq_metrics::v1::{Engine, RejectReason, tasks_rejected_total as rejected};

#[emits(tasks_rejected_total)]
fn reject() {
    rejected { reason: RejectReason::InvalidParams, engine: Engine::Vllm }.inc();
}

fn main() {
    reject();
}
