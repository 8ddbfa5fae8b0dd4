use orchq_metrics::emits;

#[emits(extern tasks_rejected_total { reason, engine })]
fn reject() {}

fn main() {
    reject();
}
