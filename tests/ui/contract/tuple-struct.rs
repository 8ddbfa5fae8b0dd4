use orchq_metrics::contract;

pub struct Route;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of orders.
    #[counter(unit = "1")]
    pub struct orders_total(super::Route);
}

fn main() {}
