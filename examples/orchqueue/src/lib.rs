//! A small, real task queue in front of inference engines: the example application of [`orchq_metrics`].
//!
//! Tasks come in over HTTP, are admitted to the bounded queue of a pool, placed on a replica, decoded on one of its
//! worker slots and streamed back token by token. Every metric of OrchQueue's contract
//! ([`orchq_metrics::v1`]) is recorded on the way, in a function annotated for it.
//!
//! `docs/engines.md` in the repository describes how it uses llama.cpp, vLLM, TGI and Triton, and where each metric
//! comes from.
//!
//! No GPU and no download is needed: without a fleet file, [`engine::ngram`] is an n-gram text model, trained at start
//! on a text in this package. It takes the place of all four engines of the contract: the pools have the labels of
//! those engines, the words come from the n-grams.
//!
//! The modules. Each uses only modules in rows above its own, which a test checks:
//!
//! | module | what it is |
//! | --- | --- |
//! | [`fetch`] | the HTTP client for the engines |
//! | [`native`] | the engines' own metrics, recorded as metrics of the contract |
//! | [`engine`] | the [`Engine`](engine::Engine) trait, the embedded engine, and the clients of four real ones |
//! | [`backend`] | a replica: its engine and its current labels |
//! | [`task`] | a task, its progress and its stream of events |
//! | [`worker`] | slots, the decode loop, the KV cache, GPU telemetry |
//! | [`orchestrator`] | pools, bounded admission and its policies, placement, the watchdog |
//! | [`http`] | the HTTP API |
//! | [`fleet`] | the pools: from a file with real engines, or four with the embedded engine |
//! | [`push`] | the metrics, pushed to a collector |
//! | [`scrape`] | the parser of the queue's metrics page |
//! | [`client`] | the client of the HTTP API |
//! | [`demo`] | the demo: it drives the queue through its API, and checks what it serves |

pub mod backend;
pub mod client;
pub mod demo;
pub mod engine;
pub mod fetch;
pub mod fleet;
pub mod http;
pub mod native;
pub mod orchestrator;
pub mod push;
pub mod scrape;
pub mod task;
pub mod worker;
