use orchq_metrics::{Label, buckets, contract};

#[derive(Clone, Copy, Label)]
enum Kind {
    #[label("a")]
    A,
}

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::{Kind, buckets};

    /// Time that a sale took.
    #[histogram(unit = "seconds", buckets = buckets::exponential::<5>(0.0, 2.0))]
    pub struct sale_seconds {
        kind: Kind,
    }
}

fn main() {}
