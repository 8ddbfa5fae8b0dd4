use orchq_metrics::{Label, Symbol, contract, emits};

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
pub struct Route(Symbol);

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Number of orders.
    #[counter(unit = "1")]
    pub struct OrdersTotal {
        route: Route,
    }
}

#[emits(metrics::OrdersTotal)]
fn order(route: Route) {
    metrics::OrdersTotal { route }.inc();
}

fn main() {}
