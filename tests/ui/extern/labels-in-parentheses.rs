use orchq_metrics::emits;

#[emits(extern orchq_metrics::v1::tasks_rejected_total(reason, engine))]
fn reject(record: fn()) {
    record();
}

fn main() {}
