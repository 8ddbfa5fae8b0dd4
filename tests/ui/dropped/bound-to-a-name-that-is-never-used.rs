use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(latency_decode_ms)]
fn decode(pool: Pool, priority: Priority) {
    let _timer = latency_decode_ms { pool, priority };
    std::thread::yield_now();
}

fn main() {}
