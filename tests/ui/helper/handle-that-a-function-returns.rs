use orchq_metrics::v1::*;
use orchq_metrics::{Handle, emits};

struct Queue {
    depth: Handle<queue_depth>,
}

#[emits(queue_depth)]
fn new(pool: Pool, priority: Priority) -> Queue {
    Queue { depth: queue_depth { pool, priority }.handle() }
}

// The site is `new`.
#[emits(queue_depth)]
fn push(pool: Pool, priority: Priority) {
    let queue = new(pool, priority);
    queue.depth.inc();
    new(pool, priority).depth.inc();
}

fn main() {}
