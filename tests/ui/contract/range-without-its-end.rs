use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[gauge(unit = "percent", range = 0..400)]
    pub struct busy_percent {}
}

fn main() {}
