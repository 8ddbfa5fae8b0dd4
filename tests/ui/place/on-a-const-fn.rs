use orchq_metrics::emits;

#[emits(tasks_rejected_total)]
const fn reject() {}

fn main() {
    reject();
}
