use orchq_metrics::{contract, emits};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of orders.
    #[counter(unit = "{order}")]
    pub struct orders_total {}
}

#[emits(crate = std, metrics::orders_total)]
fn order() {
    metrics::orders_total {}.inc();
}

fn main() {
    order();
}
