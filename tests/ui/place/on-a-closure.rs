use orchq_metrics::emits;
use orchq_metrics::v1::*;

fn reject() {
    let record = #[emits(tasks_rejected_total)]
    |reason| tasks_rejected_total { reason, engine: Engine::Vllm }.inc();
    record(RejectReason::InvalidParams);
}

fn main() {
    reject();
}
