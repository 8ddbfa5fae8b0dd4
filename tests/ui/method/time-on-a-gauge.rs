use orchq_metrics::{emits, v1::*};

#[emits(queue_depth)]
async fn waiting(pool: Pool, priority: Priority) {
    queue_depth { pool, priority }.time(async {}).await;
}

fn main() {}
