use orchq_metrics::v1::{Engine, PoolId};
use orchq_metrics::{Labels, contract};

#[derive(Clone, Copy, Labels)]
pub struct Place {
    engine: Engine,
    #[unless(pool)]
    pool_id: Option<PoolId>,
}

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Number of orders.
    #[counter(unit = "1")]
    pub struct orders_total {
        #[labels]
        place: Place,
    }
}

fn main() {}
