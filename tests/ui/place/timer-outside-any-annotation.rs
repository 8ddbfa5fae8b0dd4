use orchq_metrics::v1::*;

fn decoded(pool: Pool, priority: Priority) {
    let _timer = latency_decode_ms { pool, priority }.start_timer();
}

fn main() {}
