use orchq_metrics::emits;
use orchq_metrics::v1::*;

fn depth(pool: Pool, priority: Priority, busy: bool) {
    #[emits(queue_depth)]
    if busy {
        queue_depth { pool, priority }.set(1);
    }
}

fn main() {}
