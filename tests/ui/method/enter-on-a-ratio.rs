use orchq_metrics::emits;
use orchq_metrics::v1::{Replica, kv_cache_usage_ratio};

#[emits(kv_cache_usage_ratio)]
fn hold(replica: Replica) {
    let _guard = kv_cache_usage_ratio { replica }.enter();
}

fn main() {}
