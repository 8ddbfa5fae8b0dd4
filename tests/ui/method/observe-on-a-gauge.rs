use orchq_metrics::emits;
use orchq_metrics::v1::*;

#[emits(kv_cache_usage_ratio)]
fn usage(replica: Replica) {
    kv_cache_usage_ratio { replica }.observe(0.5);
}

fn main() {}
