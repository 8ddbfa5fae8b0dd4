//! An engine that runs elsewhere, reached over HTTP.

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::openai::{Api, OpenAi};
use super::{Adapter, Engine, EngineError, Identity, TokenStream};
use crate::fetch::{Fetch, Url, UrlError};
use crate::native::Scraper;

/// The largest response to the request for the version: llama.cpp's also has its chat template.
const IDENTITY_BODY_LIMIT: usize = 4 << 20;

/// The estimate of bytes for one token, because only the engine has its tokenizer. English has about four
/// (<https://platform.openai.com/tokenizer>). If a prompt is too long after all, the engine rejects it with its own
/// message.
const BYTES_PER_TOKEN: usize = 4;

/// Where a server is.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The OpenAI-compatible endpoint, without `/v1`.
    pub api: Url,
    /// The whole address of the metrics page; otherwise `/metrics` of the endpoint.
    pub metrics: Option<Url>,
    /// The address to which the engine's path for its version is appended; otherwise the endpoint's.
    pub version: Option<Url>,
}

/// The limits on time and size of a server's responses.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a connection.
    pub connect: Duration,
    /// For the version, and for a metrics page, each whole.
    pub answer: Duration,
    /// For the next byte of a stream.
    pub idle: Duration,
    /// For a metrics page, in bytes.
    pub page: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(2),
            answer: Duration::from_secs(5),
            idle: Duration::from_secs(60),
            page: 8 << 20,
        }
    }
}

/// One server of an engine.
#[derive(Debug)]
pub struct Server {
    adapter: &'static Adapter,
    fetch: Fetch,
    openai: OpenAi,
    version: Url,
    scraper: Scraper,
    limits: Limits,
}

impl Server {
    /// A server that runs the engine of `adapter`. `model` is the `model` of requests; `metric_models` are the names
    /// of the models whose native series count, all if there are none.
    ///
    /// # Errors
    ///
    /// When an address and a path of the engine are not an address together.
    pub fn new(
        adapter: &'static Adapter,
        addresses: &Addresses,
        api: Api,
        model: Option<String>,
        metric_models: Vec<String>,
        limits: Limits,
    ) -> Result<Self, UrlError> {
        let fetch = Fetch::new(limits.connect);
        let metrics = match &addresses.metrics {
            Some(url) => url.clone(),
            None => addresses.api.join("/metrics")?,
        };
        let (version_path, _) = adapter.version;
        let url = addresses.api.join(api.path())?;
        Ok(Self {
            adapter,
            openai: OpenAi { fetch: fetch.clone(), url, api, model, idle: limits.idle },
            version: addresses.version.as_ref().unwrap_or(&addresses.api).join(version_path)?,
            scraper: Scraper::new(fetch.clone(), metrics, limits.answer, limits.page, &adapter.sources, metric_models),
            fetch,
            limits,
        })
    }
}

impl Engine for Server {
    fn count_tokens(&self, text: &str) -> usize {
        text.len().div_ceil(BYTES_PER_TOKEN)
    }

    fn generate(&self, prompt: &str, max_tokens: usize) -> TokenStream {
        self.openai.generate(prompt, max_tokens)
    }

    fn identify(&self) -> BoxFuture<'_, Result<Option<Identity>, EngineError>> {
        Box::pin(async {
            let answer = self.fetch.get(&self.version, "application/json", self.limits.answer, IDENTITY_BODY_LIMIT);
            let (_, body) = answer.await?;
            self.adapter.identity(&self.version.to_string(), &body).map(Some)
        })
    }

    fn native(&self) -> Option<&Scraper> {
        Some(&self.scraper)
    }
}
