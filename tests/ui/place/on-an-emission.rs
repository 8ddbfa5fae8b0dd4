use orchq_metrics::emits;
use orchq_metrics::v1::*;

fn depth(pool: Pool, priority: Priority) {
    #[emits(queue_depth)]
    queue_depth { pool, priority }.set(1);
}

fn main() {}
