use orchq_metrics::{Label, Symbol, contract};

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
pub struct Route(Symbol);

#[contract(name = "shop-", version = "1.0.0-01")]
mod metrics {
    use super::*;

    /// Whether the shop is open.
    #[gauge(unit = "1")]
    pub struct on {
        without: Route,
    }
}

fn main() {}
