use orchq_metrics::contract;

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    #[counter(unit = "{order}", help = "Number of orders.")]
    pub struct orders_total {}
}

fn main() {}
