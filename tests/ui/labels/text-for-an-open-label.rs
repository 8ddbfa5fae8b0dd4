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
        route: Route,
    }
}

#[emits(metrics::orders_total)]
fn order() {
    metrics::orders_total { route: "/" }.inc();
}

fn main() {}
