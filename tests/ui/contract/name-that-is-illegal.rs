use orchq_metrics::contract;

#[contract(name = "gateway", version = "1.0.0")]
mod metrics {
    /// The state of the gateway.
    #[gauge(unit = "1", name = "vllm:num-requests")]
    pub struct vllm_num_requests {}
}

fn main() {}
