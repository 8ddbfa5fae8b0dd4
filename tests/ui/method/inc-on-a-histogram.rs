use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(latency_decode_ms)]
fn decoded(pool: Pool, priority: Priority) {
    latency_decode_ms { pool, priority }.inc();
}

fn main() {}
