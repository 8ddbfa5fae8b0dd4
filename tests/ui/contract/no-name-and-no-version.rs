use orchq_metrics::contract;

#[contract]
mod metrics {
    /// Number of orders.
    #[counter(unit = "{order}")]
    pub struct orders_total {}
}

fn main() {}
