use orchq_metrics::emits;
use orchq_metrics::v1::*;

fn depth(pool: Pool, priority: Priority) -> bool {
    let recorded = #[emits(queue_depth)]
    {
        queue_depth { pool, priority }.set(1);
        true
    };
    recorded
}

fn main() {}
