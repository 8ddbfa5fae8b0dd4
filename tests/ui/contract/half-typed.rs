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
        route Route,
    }

    /// Number of open orders.
    #[gauge(unit = "1")]
    pub struct open_orders {
        route: Route,
    }
}

#[emits(metrics::orders_total, metrics::open_orders)]
fn order(route: Route) {
    metrics::orders_total { route }.inc();
    metrics::open_orders { route }.inc();
}

fn main() {
    println!("{}", metrics::CONTRACT.name());
}
