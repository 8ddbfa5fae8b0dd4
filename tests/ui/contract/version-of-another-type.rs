use orchq_metrics::contract;

#[contract(name = "shop", version = 1 + 2)]
mod metrics {
    /// Number of orders.
    #[counter(unit = "1")]
    pub struct orders_total {}
}

fn main() {}
