use orchq_metrics::v1::*;

fn reject() {
    let _ = tasks_rejected_total { reason: RejectReason::InvalidParams, engine: Engine::Vllm }.handle();
}

fn main() {}
