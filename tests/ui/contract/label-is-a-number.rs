use orchq_metrics::{Label, Symbol, contract, emits};

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
pub struct Route(Symbol);

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Number of orders.
    #[counter(unit = "1")]
    pub struct orders_total {
        status: u16,
        paid: bool,
    }
}

#[emits(metrics::orders_total)]
fn order() {
    metrics::orders_total { status: 200, paid: true }.inc();
}

fn main() {}
