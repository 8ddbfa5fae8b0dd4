//! vLLM.
//!
//! Read: `docs/usage/metrics.md` at 044a0565, `vllm/v1/metrics/loggers.py` at 005a810 and of 2026. Its own label
//! `engine` is the index of a data-parallel engine, and not the contract's.

use orchq_metrics::v1::Engine;

use super::Adapter;
use crate::native::{Counter, Ratio, RatioOf, Selector, Source, Sources, Tokens};

const NO_GPU: &str = "vLLM exposes nothing of the GPU; an exporter on its host has to (NVML, DCGM)";

pub(super) static ADAPTER: Adapter = Adapter {
    engine: Engine::Vllm,
    version: ("/version", "/version"),
    version_apart: false,
    model_digest: None,
    request_model: None,
    needs_model: false,
    sources: Sources {
        // All tokens of the prompts: `prompt_tokens_cached_total` is a part of it, and not added.
        tokens_in: Source::Native(Tokens { from: &[Counter::Value(Selector::all("vllm:prompt_tokens_total"))] }),
        tokens_out: Source::Native(Tokens { from: &[Counter::Value(Selector::all("vllm:generation_tokens_total"))] }),
        // From 0 to 1, whatever `perc` says. Data-parallel engines have caches of one size.
        kv_cache: Source::Native(Ratio {
            from: &[
                RatioOf::Mean(Selector::all("vllm:kv_cache_usage_perc")),
                RatioOf::Mean(Selector::all("vllm:gpu_cache_usage_perc")),
            ],
        }),
        gpu_utilization: Source::Absent(NO_GPU),
        vram_used: Source::Absent(NO_GPU),
        model_label: Some("model_name"),
    },
};
