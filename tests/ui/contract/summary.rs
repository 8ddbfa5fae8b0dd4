use orchq_metrics::{Label, Symbol, contract, emits};

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
pub struct Route(Symbol);

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    /// Time of an order.
    #[summary(unit = "seconds", objectives = [0.5, 0.9])]
    pub struct order_seconds {
        route: Route,
    }
}

#[emits(metrics::order_seconds)]
fn order(route: Route, start: std::time::Instant) {
    metrics::order_seconds { route }.observe(start.elapsed());
}

fn main() {}
