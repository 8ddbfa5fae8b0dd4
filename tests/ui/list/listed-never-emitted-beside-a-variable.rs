use orchq_metrics::emits;

macro_rules! log {
    ($value:expr) => {
        drop($value.to_string())
    };
}

#[emits(orchq_metrics::v1::queue_depth)]
fn depth(queue_depth: std::cell::Cell<u64>, beside: std::collections::HashMap<u64, u64>) {
    queue_depth.set(beside.len() as u64);
    log!(queue_depth.take());
}

fn main() {}
