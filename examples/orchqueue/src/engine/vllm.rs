//! vLLM.
//!
//! Read: `docs/usage/metrics.md` at 044a0565, `vllm/v1/metrics/loggers.py` at 005a810 and of 2026. Its own label
//! `engine` is the index of a data-parallel engine, and not the contract's.

use orchq_metrics::v1::Engine;

use super::Adapter;
use crate::native::{Counter, Ratio, RatioOf, Selector, Source, Sources, Tokens};

const NO_GPU: &str = "vLLM exposes nothing of the GPU; use an exporter on its host (NVML, DCGM)";

pub(super) static ADAPTER: Adapter = Adapter {
    engine: Engine::Vllm,
    version: ("/version", "/version"),
    version_apart: false,
    model_digest: None,
    request_model: None,
    needs_model: false,
    sources: Sources {
        tokens_in: Source::Native(Tokens {
            from: &[Counter::Value(Selector::all("vllm:prompt_tokens_total"))],
            note: "including tokens from the cache, which vllm:prompt_tokens_cached_total counts",
        }),
        tokens_out: Source::Native(Tokens {
            from: &[Counter::Value(Selector::all("vllm:generation_tokens_total"))],
            note: "",
        }),
        kv_cache: Source::Native(Ratio {
            from: &[
                RatioOf::Mean(Selector::all("vllm:kv_cache_usage_perc")),
                RatioOf::Mean(Selector::all("vllm:gpu_cache_usage_perc")),
            ],
            note: "from 0 to 1 despite its name; data-parallel engines have caches of one size; the second is in \
                   builds before V1",
        }),
        gpu_utilization: Source::Absent(NO_GPU),
        vram_used: Source::Absent(NO_GPU),
        model_label: Some("model_name"),
    },
};
