use orchq_metrics::v1::*;

fn reject() {
    tasks_rejected_total { reason: RejectReason::InvalidParams, engine: Engine::Vllm }.inc();
}

fn main() {}
