use orchq_metrics::emits;
use orchq_metrics::v1::*;

fn reject() {
    #[emits(tasks_rejected_total)]
    let record = |reason| tasks_rejected_total { reason, engine: Engine::Vllm }.inc();
    record(RejectReason::InvalidParams);
}

fn main() {
    reject();
}
