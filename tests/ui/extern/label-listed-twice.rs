use orchq_metrics::emits;

#[emits(extern tasks_rejected_total { reason, engine, reason })]
fn reject(record: fn()) {
    record();
}

fn main() {}
