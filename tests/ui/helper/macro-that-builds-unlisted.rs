use orchq_metrics::v1::*;

macro_rules! bump {
    ($metric:ident, $reason:expr) => {
        $metric { reason: $reason, engine: Engine::Vllm }.inc()
    };
}

fn reject(reason: RejectReason) {
    bump!(tasks_rejected_total, reason);
}

fn main() {}
