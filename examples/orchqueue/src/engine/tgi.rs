//! Text Generation Inference.
//!
//! Read: huggingface/text-generation-inference at db931fcf (3.3.6-dev0); `router/src/server.rs` for the stream. A
//! `model` in a request to `/v1/completions` that is not `tgi` names a LoRA adapter.

use orchq_metrics::v1::Engine;

use super::Adapter;
use crate::native::{Counter, Ratio, RatioOf, Selector, Source, Sources, Tokens};

const NO_GPU: &str = "TGI exposes nothing of the GPU; use an exporter on its host (NVML, DCGM)";

pub(super) static ADAPTER: Adapter = Adapter {
    engine: Engine::Tgi,
    version: ("/info", "/version"),
    version_apart: false,
    model_digest: Some("/model_sha"),
    request_model: Some("tgi"),
    needs_model: false,
    sources: Sources {
        tokens_in: Source::Native(Tokens {
            from: &[Counter::Sum(Selector::all("tgi_request_input_length"))],
            note: "counted when a request is accepted",
        }),
        tokens_out: Source::Native(Tokens {
            from: &[Counter::Sum(Selector::all("tgi_request_generated_tokens"))],
            note: "of completed requests; canceled ones are not counted",
        }),
        kv_cache: Source::Native(Ratio {
            from: &[RatioOf::Quotient(
                Selector::all("tgi_batch_current_max_tokens"),
                Selector::all("tgi_batch_max_total_tokens"),
            )],
            note: "an upper bound: what the running batch may use",
        }),
        gpu_utilization: Source::Absent(NO_GPU),
        vram_used: Source::Absent(NO_GPU),
        model_label: None,
    },
};
