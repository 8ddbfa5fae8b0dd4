use orchq_metrics::{buckets, contract};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Time of an order.
    #[histogram(unit = "seconds", buckets = buckets::linear(0.0, 1.0, 5))]
    pub struct order_seconds {}

    /// Size of an order.
    #[histogram(unit = "bytes", buckets = buckets::exponential(1.0, 2.0, 8))]
    pub struct order_bytes {}
}

fn main() {}
