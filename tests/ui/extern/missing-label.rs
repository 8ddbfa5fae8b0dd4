use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(extern tasks_rejected_total { engine })]
fn reject(record: fn()) {
    record();
}

fn main() {}
