use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[allow(unused_macros)]
macro_rules! bump {
    ($metric:ident, $reason:expr) => {
        $metric { reason: $reason, engine: Engine::Vllm }.inc()
    };
}

#[emits(tasks_rejected_total)]
fn reject(reason: RejectReason) {
    bump!(tasks_rejected_total, reason);
}

fn main() {}
