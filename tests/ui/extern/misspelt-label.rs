use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(extern queue_depth { engine, engine_version, pool, priority })]
fn depth(record: fn()) {
    record();
}

fn main() {}
