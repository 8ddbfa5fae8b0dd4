//! A small, real task queue in front of inference engines: the example application of [`orchq_metrics`].
//!
//! Tasks come in over HTTP, are admitted to the bounded queue of a pool, placed on a replica, decoded on one of its
//! worker slots and streamed back token by token. Every metric of OrchQueue's contract
//! ([`orchq_metrics::v1`]) is recorded on the way, in a function annotated for it.
//!
//! `docs/engines.md` in the repository tells how it speaks to llama.cpp, vLLM, TGI and Triton, and which metric
//! comes from where.
//!
//! No GPU and no download is needed: without a fleet file, [`engine::ngram`] is an n-gram text model, trained at start on a text in this
//! package. It stands in for all four engines of the contract (llama.cpp, vLLM, TGI, Triton): the pools carry the
//! labels of those engines, the words come from the n-grams.
//!
//! The rooms, in the order of the arrows between them; each knows only those before it:
//!
//! | module | what it is |
//! | --- | --- |
//! | [`fetch`] | the HTTP client towards the engines |
//! | [`native`] | the engines' own metrics, and what of them becomes which metric of the contract |
//! | [`engine`] | the [`Engine`](engine::Engine) trait, the embedded engine, and the four that can be spoken to |
//! | [`backend`] | a replica: its engine, and the labels that it carries at the moment |
//! | [`task`] | a task, its life and its stream of events |
//! | [`worker`] | slots, the decode loop, the KV cache, GPU telemetry |
//! | [`orchestrator`] | pools, bounded admission and its policies, placement, the watchdog |
//! | [`http`] | the HTTP API |
//! | [`fleet`] | the pools: of a file with real engines, or the four that the embedded engine stands in for |
//! | [`push`] | the metrics, pushed to a collector |
//! | [`client`], [`scrape`], [`demo`] | the other end of the wire |

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
