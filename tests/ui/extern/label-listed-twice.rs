use orchq_metrics::emits;

#[emits(extern tasks_rejected_total { reason, engine, reason })]
fn reject() {}

fn main() {}
