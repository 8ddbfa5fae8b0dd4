use orchq_metrics::{contract, emits};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[counter(unit = "seconds", value = u64)]
    pub struct open_seconds_total {}
}

#[emits(metrics::open_seconds_total)]
fn close() {
    metrics::open_seconds_total {}.inc_by(std::time::Duration::from_secs(1));
}

fn main() {}
