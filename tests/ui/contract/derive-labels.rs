use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use orchq_metrics::Labels;

    /// Number of orders.
    #[counter(unit = "{order}")]
    #[derive(Clone, Copy, Debug, Labels)]
    pub struct orders_total {}
}

fn main() {}
