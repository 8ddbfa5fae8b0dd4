use orchq_metrics::emits;

struct Slot {
    free: bool,
}

impl Slot {
    fn set(self, _: bool) {}
}

#[emits(Slot)]
fn occupy() {
    Slot { free: false }.set(true);
}

fn main() {
    occupy();
}
