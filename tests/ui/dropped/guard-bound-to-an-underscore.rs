use orchq_metrics::{contract, emits};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of orders in progress.
    #[gauge(unit = "{order}")]
    pub struct orders_in_progress {}
}

#[emits(metrics::orders_in_progress)]
fn order() {
    let _ = metrics::orders_in_progress {}.enter();
    work();
}

fn work() {}

fn main() {
    order();
}
