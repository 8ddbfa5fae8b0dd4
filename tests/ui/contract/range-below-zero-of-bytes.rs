use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[gauge(unit = "bytes", range = -1..)]
    pub struct growth_bytes {}
}

fn main() {}
