use orchq_metrics::emits;
use orchq_metrics::v1::{Pool, Priority, queue_depth};

#[emits(queue_depth)]
fn depth(pool: Pool, priority: Priority) {
    queue_depth(pool, priority).set(1);
}

fn main() {}
