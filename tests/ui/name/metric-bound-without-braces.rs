use orchq_metrics::{contract, emits};

#[contract(name = "shop", version = "1.0.0")]
mod metrics {
    /// Number of restarts.
    #[counter(unit = "1")]
    pub struct restarts_total {}
}

#[emits(metrics::restarts_total)]
fn restart() {
    let restarts = metrics::restarts_total;
    restarts.inc();
}

fn main() {
    restart();
}
