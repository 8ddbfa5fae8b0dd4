//! Triton Inference Server, with TensorRT-LLM or with vLLM in it.
//!
//! Read: triton-inference-server/server at e1db8a60 (2.73.0dev), core at 73aad7c3, and TensorRT-LLM's
//! `custom_metrics_reporter.cc` at 0d5352f5. Completions are those of its OpenAI-compatible frontend
//! (`python/openai`, port 9000), while `/v2` is at the port of KServe's protocol (8000), and the metrics at the
//! frontend's `/metrics` or at a port of their own (8002).

use orchq_metrics::v1::Engine;

use super::Adapter;
use crate::native::{Counter, Devices, Ratio, RatioOf, Selector, Source, Sources, Tokens};

const KV_BLOCKS: &str = "nv_trt_llm_kv_cache_block_metrics";
const KV_FRACTION: Selector = Selector::with(KV_BLOCKS, &[("kv_cache_block_type", "fraction")]);
const KV_USED: Selector = Selector::with(KV_BLOCKS, &[("kv_cache_block_type", "used")]);
const KV_MAX: Selector = Selector::with(KV_BLOCKS, &[("kv_cache_block_type", "max")]);

pub(super) static ADAPTER: Adapter = Adapter {
    engine: Engine::Triton,
    version: ("/v2", "/version"),
    version_apart: true,
    model_digest: None,
    request_model: None,
    needs_model: true,
    sources: Sources {
        tokens_in: Source::Native(Tokens {
            from: &[
                Counter::Sum(Selector::with(
                    "nv_llm_input_token_len",
                    &[("response_metric_type", "total_input_tokens")],
                )),
                Counter::Value(Selector::all("vllm:prompt_tokens_total")),
            ],
            note: "the first with TensorRT-LLM, the second with the vLLM backend if it reports its metrics; other \
                   backends report none",
        }),
        tokens_out: Source::Native(Tokens {
            from: &[
                Counter::Sum(Selector::with(
                    "nv_llm_output_token_len",
                    &[("response_metric_type", "total_output_tokens")],
                )),
                Counter::Value(Selector::all("vllm:generation_tokens_total")),
            ],
            note: "the first with TensorRT-LLM, the second with the vLLM backend if it reports its metrics; other \
                   backends report none",
        }),
        kv_cache: Source::Native(Ratio {
            from: &[RatioOf::Single(KV_FRACTION), RatioOf::Quotient(KV_USED, KV_MAX), RatioOf::Mean(KV_FRACTION)],
            note: "only with TensorRT-LLM; two models may have caches of different sizes, so their blocks are added",
        }),
        gpu_utilization: Source::Native(Devices {
            family: "nv_gpu_utilization",
            device_label: "gpu_uuid",
            factor: 100.0,
            note: "",
        }),
        vram_used: Source::Native(Devices {
            family: "nv_gpu_memory_used_bytes",
            device_label: "gpu_uuid",
            factor: 1.0,
            note: "of the whole GPU, whichever process uses it",
        }),
        model_label: Some("model"),
    },
};
