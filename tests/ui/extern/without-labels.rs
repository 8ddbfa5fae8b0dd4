use orchq_metrics::emits;
use orchq_metrics::v1::tasks_rejected_total;

#[emits(extern tasks_rejected_total)]
fn reject(record: fn()) {
    record();
}

fn main() {}
