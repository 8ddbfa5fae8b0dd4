use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(queue_depth)]
fn depth(pool: Pool, priority: Priority) {
    let depth = queue_depth(pool, priority);
    depth.set(1);
}

fn main() {}
