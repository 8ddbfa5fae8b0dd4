use orchq_metrics::Labels;
use orchq_metrics::v1::PoolId;

#[derive(Clone, Copy, Labels)]
struct Place {
    pool: PoolId,
    floor: u8,
}

fn main() {}
