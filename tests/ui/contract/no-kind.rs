use orchq_metrics::{contract, emits};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of orders.
    #[counter(unit = "{order}")]
    pub struct orders_total {}

    /// Number of returns.
    pub struct returns_total {}

    /// Not a metric.
    pub struct Order {}
}

#[emits(metrics::returns_total)]
fn give_back(_: metrics::Order) {
    metrics::returns_total {}.inc();
}

fn main() {
    give_back(metrics::Order {});
}
