use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[gauge(unit = "seconds", range = ..)]
    pub struct skew_seconds {}
}

fn main() {}
