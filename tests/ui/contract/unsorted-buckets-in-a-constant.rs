use orchq_metrics::{Label, Symbol, contract};

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
pub struct Route(Symbol);

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    const BOUNDS: [f64; 2] = [1.0, 0.5];

    /// Number of orders.
    #[histogram(unit = "seconds", buckets = BOUNDS)]
    pub struct order_seconds {
        route: Route,
    }
}

fn main() {}
