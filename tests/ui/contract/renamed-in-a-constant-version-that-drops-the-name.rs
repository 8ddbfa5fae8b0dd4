use orchq_metrics::contract;

#[contract(name = "shop", version = concat!("2.", "0.0-rc.1"))]
mod metrics {
    /// Number of orders.
    #[counter(unit = "{order}", renamed_from = "order_total", since = "1.2.0", until = "2.0.0")]
    pub struct orders_total {}

    /// Number of sales.
    #[counter(unit = "{sale}")]
    pub struct sales_total {}
}

fn main() {}
