use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[gauge(unit = "celsius", range = -273.15)]
    pub struct room_celsius {}
}

fn main() {}
