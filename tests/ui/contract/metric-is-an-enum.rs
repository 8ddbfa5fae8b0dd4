use orchq_metrics::{contract, emits};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of orders.
    #[counter(unit = "1")]
    pub enum orders_total {
        Placed,
    }
}

#[emits(metrics::orders_total)]
fn order() {
    metrics::orders_total {}.inc();
}

fn main() {}
