use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of orders.
    #[counter("1")]
    pub struct orders_total {}
}

fn main() {}
