use std::future::ready;

use orchq_metrics::{contract, emits};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Time of an order.
    #[histogram(unit = "seconds", value = f64, buckets = [1])]
    pub struct order_seconds {}
}

#[emits(metrics::order_seconds)]
async fn order() {
    metrics::order_seconds {}.time(ready(())).await;
}

fn main() {}
