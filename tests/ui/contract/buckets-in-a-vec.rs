use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Time of an order.
    #[histogram(unit = "seconds", buckets = vec![0.1, 1.0])]
    pub struct order_seconds {}
}

fn main() {}
