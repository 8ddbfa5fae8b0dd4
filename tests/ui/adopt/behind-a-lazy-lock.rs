use std::sync::LazyLock;

use orchq_metrics::contract;
use prometheus::IntCounter;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of orders.
    #[counter(unit = "{order}")]
    pub struct orders_total {}
}

static ORDERS: LazyLock<IntCounter> = LazyLock::new(|| IntCounter::new("orders_total", "Number of orders.").unwrap());

fn main() {
    metrics::CONTRACT.adopt::<metrics::orders_total>(&ORDERS);
}
