use orchq_metrics::Labels;
use orchq_metrics::v1::PoolId;

#[derive(Clone, Copy, Labels)]
enum Place {
    Pool(PoolId),
}

fn main() {}
