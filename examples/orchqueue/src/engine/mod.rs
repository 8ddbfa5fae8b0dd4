//! What the queue asks of an inference engine.

pub mod ngram;

use futures_util::stream::BoxStream;

/// The tokens of one answer, as text, in order. Dropping the stream stops the generation.
pub type TokenStream = BoxStream<'static, String>;

/// An inference engine as a worker slot sees it.
///
/// One engine serves every slot of a pool at once, hence `&self`. The trait is as small as the HTTP interfaces of the
/// real engines, so that one of them can take the embedded engine's place.
pub trait Engine: Send + Sync + 'static {
    /// How many tokens `text` takes in the KV cache.
    fn count_tokens(&self, text: &str) -> usize;

    /// Continues `prompt` by at most `max_tokens` tokens.
    fn generate(&self, prompt: &str, max_tokens: usize) -> TokenStream;
}
