use orchq_metrics::contract;

#[contract(name = "shop", version = "1.2.0")]
mod metrics {
    /// Number of orders.
    #[counter(unit = "{order}", renamed_from = "order_total")]
    pub struct orders_total {}

    /// Number of sales.
    #[counter(unit = "{sale}")]
    pub struct sales_total {}
}

fn main() {}
