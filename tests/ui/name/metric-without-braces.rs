use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(queue_depth)]
fn depth() {
    queue_depth.set(1);
}

fn main() {}
