use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(queue_depth)]
fn depth(pool: Pool, priority: Priority) {
    #[allow(unused_macros)]
    macro_rules! never {
        () => {
            queue_depth { pool, priority }.set(1)
        };
    }
}

fn main() {}
