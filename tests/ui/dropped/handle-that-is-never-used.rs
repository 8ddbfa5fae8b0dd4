use orchq_metrics::{contract, emits};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of orders in progress.
    #[gauge(unit = "{order}")]
    pub struct orders_in_progress {}
}

#[emits(metrics::orders_in_progress)]
fn start() {
    let _handle = metrics::orders_in_progress {}.handle();
}

fn main() {
    start();
}
