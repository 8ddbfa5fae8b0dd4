use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of orders.
    #[counter(unit = "{order}")]
    pub struct orders_total {}
}

struct Shop {
    orders: metrics::orders_total,
}

impl Shop {
    fn order(&self) {
        self.orders.inc();
    }
}

fn main() {
    Shop { orders: metrics::orders_total {} }.order();
}
