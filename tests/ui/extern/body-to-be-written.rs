use orchq_metrics::emits;

#[emits(extern tasks_rejected_total { reason, engine })]
fn reject() {
    todo!()
}

fn main() {
    reject();
}
