use orchq_metrics::Labels;
use orchq_metrics::v1::PoolId;

#[derive(Labels)]
struct Place {
    pool_id: PoolId,
}

fn main() {}
