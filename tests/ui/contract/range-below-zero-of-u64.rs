use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[gauge(unit = "1", value = u64, range = -5..)]
    pub struct balance {}
}

fn main() {}
