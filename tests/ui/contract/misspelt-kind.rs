use orchq_metrics::{Label, Symbol, contract, emits};

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
pub struct Route(Symbol);

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Number of open orders.
    #[guage(unit = "{order}")]
    pub struct open_orders {
        route: Route,
    }
}

#[emits(metrics::open_orders)]
fn order(route: Route) {
    metrics::open_orders { route }.inc();
}

fn main() {}
