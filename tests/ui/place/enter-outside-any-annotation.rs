use orchq_metrics::v1::*;

fn waiting(pool: Pool, priority: Priority) {
    let _waiting = queue_depth { pool, priority }.enter();
}

fn main() {}
