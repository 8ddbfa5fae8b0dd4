use orchq_metrics::{Label, contract};

#[derive(Clone, Copy, Label)]
pub enum Outcome {
    #[label("ok")]
    Ok,
}

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Number of orders.
    #[counter(unit = "1", series_limit = 8)]
    pub struct orders_total {
        outcome: Outcome,
    }
}

fn main() {}
