use orchq_metrics::emits;

#[orchq_metrics::contract(name = "shop", version = "1.0.0")]
pub mod metrics {
    /// Level.
    #[gauge(unit = "1")]
    pub struct level {}
}

use metrics::*;

#[emits(level)]
fn depth() {
    levle {}.set(1);
}

fn main() {}
