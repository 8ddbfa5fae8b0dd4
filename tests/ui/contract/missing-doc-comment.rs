use orchq_metrics::{Label, Symbol, contract};

#[derive(Clone, Copy, Label)]
#[label(budget = 8)]
pub struct Route(Symbol);

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    use super::*;

    #[counter(unit = "1")]
    pub struct orders_total {
        route: Route,
    }
}

use orchq_metrics::emits;

#[emits(metrics::orders_total)]
fn order() {
    metrics::orders_total { route: Route::new("/") }.inc();
}

fn main() {}
