//! The interface of an inference engine, and the engines that implement it.

mod adapter;
mod error;
mod llamacpp;
pub mod ngram;
mod openai;
mod server;
mod sse;
mod table;
mod tgi;
mod triton;
mod vllm;

use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;

use crate::native::Scraper;

pub use adapter::{Adapter, Identity};
pub use error::EngineError;
pub use openai::Api;
pub use server::{Addresses, Limits, Server};
pub use table::table;

/// A part of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// The next piece of the text, in order; never empty.
    Text(String),
    /// The number of tokens, if the engine reports it; once, after the last text.
    Usage(Usage),
}

/// How many tokens a request took, as the engine counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Of the prompt.
    pub prompt: u64,
    /// Of the answer.
    pub completion: u64,
}

/// The tokens of one answer. An error is the last item. Dropping the stream stops the generation.
pub type TokenStream = BoxStream<'static, Result<Token, EngineError>>;

/// An inference engine as a worker slot sees it.
///
/// One engine serves every slot of a replica at once, hence `&self`.
pub trait Engine: Send + Sync + 'static {
    /// How many tokens `text` takes in the KV cache; an estimate if only the engine has its tokenizer.
    fn count_tokens(&self, text: &str) -> usize;

    /// Continues `prompt` by at most `max_tokens` tokens.
    fn generate(&self, prompt: &str, max_tokens: usize) -> TokenStream;

    /// Asks the engine for its version. The embedded engine has none: its pool is configured with one.
    fn identify(&self) -> BoxFuture<'_, Result<Option<Identity>, EngineError>> {
        Box::pin(async { Ok(None) })
    }

    /// The metrics that the engine exposes itself. The embedded engine exposes none: the worker counts its tokens and
    /// its KV cache.
    fn native(&self) -> Option<&Scraper> {
        None
    }
}
