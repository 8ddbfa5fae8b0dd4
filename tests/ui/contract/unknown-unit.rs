use orchq_metrics::{Label, Symbol, contract};

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
pub struct Route(Symbol);

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Number of orders.
    #[gauge(unit = "m/s2")]
    pub struct order_weight {
        route: Route,
    }
}

fn main() {}
