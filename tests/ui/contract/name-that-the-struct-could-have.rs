use orchq_metrics::contract;

#[contract(name = "gateway", version = "1.0.0")]
mod metrics {
    /// The state of the gateway.
    #[gauge(unit = "1", name = "num_requests")]
    pub struct requests {}
}

fn main() {}
