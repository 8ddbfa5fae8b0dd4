use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(extern task_rejected_total { reason, engine })]
fn reject(record: fn()) {
    record();
}

fn main() {}
