use orchq_metrics::contract;

#[contract(name = "shop", version = env!("CARGO_PKG_NAME"))]
mod metrics {
    /// Number of orders.
    #[counter(unit = "1")]
    pub struct orders_total {}
}

fn main() {}
