use orchq_metrics::{Label, Symbol, contract};

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
pub struct Route(Symbol);

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    #[counter(unit = "1")]
    pub struct orders {
        route: Route,
    }

    /// Number of orders.
    #[histogram(unit = "bytes", buckets = [2, 1])]
    pub struct order_seconds {
        route: Route,
    }

    /// Number of orders.
    #[gauge(unit = "1")]
    pub struct stock_total {
        le: Route,
    }
}

fn main() {}
