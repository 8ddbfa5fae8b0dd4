use orchq_metrics::contract;

#[contract(name = "gateway", version = "1.0.0")]
mod metrics {
    /// How busy the device is.
    #[gauge(unit = "percent")]
    pub struct DCGM_FI_DEV_GPU_UTIL {}
}

fn main() {}
