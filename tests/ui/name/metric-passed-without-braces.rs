use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(queue_depth)]
fn depth() {
    record(1, queue_depth);
}

fn record<T>(_: u64, _: T) {}

fn main() {}
