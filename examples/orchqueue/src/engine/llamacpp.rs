//! The llama.cpp server.
//!
//! Read: `tools/server/README.md` at 00dc8057, `tools/server/server-task.cpp` of 2026-08. Its metrics are off unless it
//! is started with `--metrics`. Values have six digits, so that the growth of a large counter comes in steps.

use orchq_metrics::v1::Engine;

use super::Adapter;
use crate::native::{Counter, Ratio, RatioOf, Selector, Source, Sources, Tokens};

const NO_GPU: &str = "llama.cpp exposes nothing of the GPU; use an exporter on its host (NVML, DCGM)";

pub(super) static ADAPTER: Adapter = Adapter {
    engine: Engine::LlamaCpp,
    version: ("/props", "/build_info"),
    version_apart: false,
    model_digest: None,
    request_model: None,
    needs_model: false,
    sources: Sources {
        tokens_in: Source::Native(Tokens {
            from: &[
                Counter::Value(Selector::all("llamacpp:prompt_tokens_total")),
                Counter::Value(Selector::all("llamacpp:prompt_tokens_cached_total")),
            ],
            note: "the first excludes tokens from the cache, which builds without the second do not count; six \
                   digits, so past a million it grows in steps",
        }),
        tokens_out: Source::Native(Tokens {
            from: &[Counter::Value(Selector::all("llamacpp:tokens_predicted_total"))],
            note: "six digits, so past a million it grows in steps",
        }),
        kv_cache: Source::Native(Ratio {
            from: &[RatioOf::Mean(Selector::all("llamacpp:kv_cache_usage_ratio"))],
            note: "absent on builds since 2025-05, where https://github.com/ggml-org/llama.cpp/pull/13660 removed it; \
                   /slots would only give an estimate",
        }),
        gpu_utilization: Source::Absent(NO_GPU),
        vram_used: Source::Absent(NO_GPU),
        model_label: None,
    },
};
