//! Metrics of another system, under names that Rust cannot spell.

use orchq_metrics::{contract, emits};

/// The metrics of an engine that the gateway forwards to.
#[contract(name = "gateway", version = "1.0.0")]
pub mod gateway {
    /// Number of requests that the engine is working on.
    #[gauge(unit = "{request}", name = "vllm:num_requests_running")]
    pub struct vllm_num_requests_running {}

    /// How busy the device is.
    #[gauge(unit = "percent", name = "DCGM_FI_DEV_GPU_UTIL")]
    pub struct dcgm_fi_dev_gpu_util {}

    /// Bytes that were spilled.
    #[counter(unit = "bytes", name = "Ray:spilled_bytes_total")]
    pub struct ray_spilled_bytes_total {}
}
use gateway::*;

/// Passes on what the engines say.
#[emits(vllm_num_requests_running, dcgm_fi_dev_gpu_util, ray_spilled_bytes_total)]
pub fn pass_on(running: i64, spilled: u64) {
    dcgm_fi_dev_gpu_util {}.set(40.0);
    vllm_num_requests_running {}.set(running);
    ray_spilled_bytes_total {}.inc_by(spilled);
}
