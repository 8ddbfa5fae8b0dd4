use orchq_metrics::emits;

struct Slot {
    free: bool,
}

#[emits(Slot)]
fn slot() -> Slot {
    Slot { free: false }
}

fn main() {
    slot();
}
