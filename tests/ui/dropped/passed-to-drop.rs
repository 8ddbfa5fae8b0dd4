use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(latency_decode_ms)]
fn decode(pool: Pool, priority: Priority) {
    drop(latency_decode_ms { pool, priority });
}

fn main() {}
