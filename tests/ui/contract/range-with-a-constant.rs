use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[gauge(unit = "celsius", range = -5.0..=f64::MAX)]
    pub struct room_celsius {}
}

fn main() {}
