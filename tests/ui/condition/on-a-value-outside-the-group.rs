use orchq_metrics::{Label, Symbol, contract};

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
pub struct Route(Symbol);

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Number of orders.
    #[counter(unit = "1")]
    pub struct orders_total {
        color: Color,
        #[labels]
        place: Place,
    }
}

#[derive(Clone, Copy, Label)]
pub enum Color {
    #[label("red")]
    Red,
}

#[derive(Clone, Copy, orchq_metrics::Labels)]
pub struct Place {
    #[when(color = "rad")]
    device: Option<Route>,
}

fn main() {}
