use orchq_metrics::emits;

#[orchq_metrics::contract(name = "shop", version = "1.0.0")]
pub mod metrics {
    /// Starts.
    #[counter(unit = "1")]
    pub struct restarts_total {}
}

#[allow(unused_imports)]
use metrics::*;

#[allow(unused_macros)]
macro_rules! bump {
    ($metric:ident) => {
        $metric {}.inc()
    };
}

#[emits(restarts_total)]
fn restart() {
    bump!(restarts_total);
}

fn main() {}
