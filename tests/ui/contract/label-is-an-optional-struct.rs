use orchq_metrics::contract;
use orchq_metrics::v1::Pool;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Number of orders.
    #[counter(unit = "1")]
    pub struct orders_total {
        pool: Option<Group>,
    }
}

#[derive(Clone, Copy)]
pub struct Group {
    pool: Pool,
}

fn main() {}
