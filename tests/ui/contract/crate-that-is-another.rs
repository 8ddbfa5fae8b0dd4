use orchq_metrics::contract;

#[contract(crate = std, name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of orders.
    #[counter(unit = "{order}")]
    pub struct orders_total {}
}

fn main() {}
