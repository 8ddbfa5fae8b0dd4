use orchq_metrics::emits;

#[emits(extern tasks_rejected_total { reason, engine })]
fn reject() {
    let _ = 1;
}

fn main() {
    reject();
}
