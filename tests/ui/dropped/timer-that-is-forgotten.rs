use orchq_metrics::{contract, emits};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Time of an order.
    #[histogram(unit = "seconds", buckets = [0.1, 1])]
    pub struct order_seconds {}
}

#[emits(metrics::order_seconds)]
fn order() {
    std::mem::forget(metrics::order_seconds {}.start_timer());
    work();
}

fn work() {}

fn main() {
    order();
}
