use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[counter(unit = "celsius", value = f64)]
    pub struct heat_total {}
}

fn main() {}
