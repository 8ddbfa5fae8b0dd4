use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[histogram(unit = "{usd}", range = -5..=5, buckets = [0])]
    pub struct balance {}
}

fn main() {}
