use orchq_metrics::{Label, Symbol, contract};

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
pub struct Route(Symbol);

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Time of an order.
    #[histogram(unit = "seconds", buckets = "fine")]
    pub struct order_seconds {
        route: Route,
    }
}

fn main() {}
