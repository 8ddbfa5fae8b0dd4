use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// The state of the shop.
    #[gauge(unit = "ratio", value = i64)]
    pub struct open_ratio {}
}

fn main() {}
