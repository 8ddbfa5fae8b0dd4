use orchq_metrics::emits;
use orchq_metrics::v1::PoolId;

#[emits(extern PoolId { engine })]
fn count(record: fn()) {
    record();
}

fn main() {}
