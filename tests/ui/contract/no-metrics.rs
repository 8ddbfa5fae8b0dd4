use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Not a metric.
    pub struct Order;
}

fn main() {}
