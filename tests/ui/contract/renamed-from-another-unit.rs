use orchq_metrics::contract;

#[contract(name = "shop", version = "1.2.0")]
mod metrics {
    /// Time of an order.
    #[gauge(unit = "seconds", renamed_from = "order_time_ms", since = "1.2.0", until = "2.0.0")]
    pub struct order_seconds {}
}

fn main() {}
