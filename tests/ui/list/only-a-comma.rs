use orchq_metrics::emits;

#[emits(,)]
fn reject() {}

fn main() {
    reject();
}
