use orchq_metrics::emits;

#[emits(extern tasks_rejected_total)]
fn reject() {}

fn main() {}
