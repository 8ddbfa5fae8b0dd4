use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(extern tasks_rejected_total { reason, engine, pool_id })]
fn reject(record: fn()) {
    record();
}

fn main() {}
