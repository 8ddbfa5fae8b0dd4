use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[gauge(unit = "1", value = "f64")]
    pub struct load1 {}
}

fn main() {}
