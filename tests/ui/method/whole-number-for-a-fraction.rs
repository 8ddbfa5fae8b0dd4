use orchq_metrics::{contract, emits};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Money spent.
    #[counter(unit = "{usd}", value = f64)]
    pub struct spent_usd_total {}
}

#[emits(metrics::spent_usd_total)]
fn spend() {
    metrics::spent_usd_total {}.inc_by(1);
    metrics::spent_usd_total {}.set(1.0);
}

fn main() {}
