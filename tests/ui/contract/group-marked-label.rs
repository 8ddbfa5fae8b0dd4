use orchq_metrics::{Label, Labels, contract};

#[derive(Clone, Copy, Label)]
pub enum Side {
    #[label("left")]
    Left,
}

#[derive(Clone, Copy, Labels)]
pub struct Way {
    side: Side,
}

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Number of orders.
    #[counter(unit = "{order}")]
    pub struct orders_total {
        #[label]
        way: Way,
    }
}

fn main() {}
