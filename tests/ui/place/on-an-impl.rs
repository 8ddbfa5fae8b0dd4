use orchq_metrics::emits;
use orchq_metrics::v1::*;

struct Queue;

#[emits(tasks_rejected_total)]
impl Queue {
    fn reject(&self) {
        tasks_rejected_total { reason: RejectReason::InvalidParams, engine: Engine::Vllm }.inc();
    }
}

fn main() {
    Queue.reject();
}
