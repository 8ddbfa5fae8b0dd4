use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[counter(unit = "1", range = 0..)]
    pub struct sales_total {}
}

fn main() {}
