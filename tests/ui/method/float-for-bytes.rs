use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(vram_used_bytes)]
fn used(replica: Replica, device: Device) {
    vram_used_bytes { replica, device }.set(1e9);
}

fn main() {}
