use metrics::orders_total;
use orchq_metrics::{Handle, contract, emits};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of orders.
    #[counter(unit = "{order}")]
    pub struct orders_total {}
}

struct Shop {
    orders: Handle<orders_total>,
}

impl Shop {
    #[emits(orders_total)]
    fn new() -> Self {
        Self { orders: orders_total {}.handle() }
    }

    #[emits(orders_total)]
    fn order(&self) {
        self.orders.inc();
    }
}

fn main() {
    Shop::new().order();
}
