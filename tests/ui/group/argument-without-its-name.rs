use orchq_metrics::Labels;
use orchq_metrics::v1::PoolId;

#[derive(Clone, Copy, Labels)]
#[labels("orchq_metrics")]
pub struct Place {
    pool_id: PoolId,
}

fn main() {}
