//! Fetches an engine's metrics page.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header;
use orchq_metrics::scrape::{self, Family, Format};

use super::reading::TooMany;
use super::{Reading, Sources};
use crate::fetch::{Fetch, FetchError, Url, quote};

/// The requested format. All four engines serve it.
const ACCEPT: &str = Format::Text.content_type();

/// A metrics page that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScrapeError {
    /// It did not arrive.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It ends inside a line, so that a part of it may be missing.
    #[error("the metrics page of {0} breaks off: its last line has no end")]
    Truncated(String),
    /// It is an exposition inside a JSON string, as llama.cpp builds around b7010 to b7100 serve it
    /// (<https://github.com/ggml-org/llama.cpp/issues/17384>).
    #[error(
        "the metrics page of {0} is wrapped in a JSON string; update the engine, or remove the proxy that wraps it"
    )]
    QuotedJson(String),
    /// It has more native series than one metric may have.
    #[error("the metrics page of {url} has more than {limit} series of {family}, so nothing of it is used")]
    TooManySeries {
        /// The requested URL.
        url: String,
        /// The family.
        family: &'static str,
        /// The limit.
        limit: usize,
    },
    /// It is something else: HTML, JSON, binary.
    #[error("{url} does not serve a metrics page: {what}; check metrics_url")]
    NotExposition {
        /// The requested URL.
        url: String,
        /// What it is instead.
        what: String,
    },
    /// A line of it is malformed.
    #[error("line {line} of the metrics page of {url} is malformed: {what}")]
    Malformed {
        /// The requested URL.
        url: String,
        /// The first such line.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

/// Reads the metrics page of one engine.
#[derive(Debug, Clone)]
pub struct Scraper {
    fetch: Fetch,
    url: Url,
    limit: Duration,
    size: usize,
    sources: &'static Sources,
    models: Arc<[String]>,
}

impl Scraper {
    /// A reader of the page at `url`, which may take `limit` and have `size` bytes. If `models` is not empty, series of
    /// other models do not count.
    pub fn new(
        fetch: Fetch,
        url: Url,
        limit: Duration,
        size: usize,
        sources: &'static Sources,
        models: Vec<String>,
    ) -> Self {
        Self { fetch, url, limit, size, sources, models: models.into() }
    }

    /// Gets the page and reads the values that the contract needs.
    ///
    /// # Errors
    ///
    /// [`ScrapeError`]. Nothing of such a page is used.
    pub async fn read(&self) -> Result<Reading, ScrapeError> {
        let (headers, body) = self.fetch.get(&self.url, ACCEPT, self.limit, self.size).await?;
        let (url, sources, models) = (self.url.to_string(), self.sources, Arc::clone(&self.models));
        let requested = url.clone();
        // Parsing a large page takes long enough to block everything else on its thread.
        let read = tokio::task::spawn_blocking(move || {
            let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let families = parse(&url, content_type, &body)?;
            let read = sources.read(&families, &models);
            read.map_err(|TooMany { family, limit }| ScrapeError::TooManySeries { url, family, limit })
        });
        let broken = |_| ScrapeError::NotExposition { url: requested, what: "reading it failed".to_owned() };
        read.await.map_err(broken)?
    }
}

/// Parses a page in the format of its `Content-Type`, or in the one that it looks like.
fn parse(url: &str, content_type: Option<&str>, body: &[u8]) -> Result<Vec<Family>, ScrapeError> {
    let url = url.to_owned();
    if body.trim_ascii_start().starts_with(b"\"") {
        return Err(ScrapeError::QuotedJson(url));
    }
    let Ok(text) = std::str::from_utf8(body) else {
        return Err(ScrapeError::NotExposition { url, what: "it is not UTF-8".to_owned() });
    };
    let format = content_type.and_then(Format::from_content_type);
    scrape::families(text, format).map_err(|findings| {
        let Some(first) = findings.first() else {
            return ScrapeError::NotExposition { url, what: "it has nothing readable".to_owned() };
        };
        match &*first.rule {
            "exposition-truncated" if findings.len() == 1 => ScrapeError::Truncated(url),
            "exposition-not-text" => ScrapeError::NotExposition { url, what: quote(&first.message) },
            _ => {
                let line = first.location.as_ref().map_or(0, |location| location.line);
                ScrapeError::Malformed { url, line, what: quote(&first.message) }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(body: &[u8]) -> ScrapeError {
        parse("http://e/metrics", Some("text/plain; version=0.0.4"), body).unwrap_err()
    }

    #[test]
    fn something_else_is_distinguished_from_a_broken_page() {
        assert!(matches!(error(b"\"# HELP a b\\na 1\\n\""), ScrapeError::QuotedJson(_)));
        assert!(matches!(error(b"a 1\nb 2"), ScrapeError::Truncated(_)));
        assert!(matches!(error(b"<html></html>\n"), ScrapeError::NotExposition { .. }));
        assert!(matches!(error(b"{\"error\": \"not found\"}"), ScrapeError::NotExposition { .. }));
        assert!(matches!(error(b"\x1f\x8b\x08\xff"), ScrapeError::NotExposition { .. }));
        assert!(matches!(error(b"a 1\nb{c=d} 2\n"), ScrapeError::Malformed { line: 2, .. }));
    }

    #[test]
    fn every_engines_page_is_read_without_a_complaint() {
        for page in [
            include_str!("../../samples/llamacpp.prom"),
            include_str!("../../samples/vllm.prom"),
            include_str!("../../samples/tgi.prom"),
            include_str!("../../samples/triton.prom"),
        ] {
            // TGI's type has no version. No page may be parsed as OpenMetrics.
            for content_type in [Some("text/plain; charset=utf-8"), None] {
                let read = parse("http://e/metrics", content_type, page.as_bytes()).unwrap();
                assert_eq!(read.len(), page.matches("# TYPE ").count());
            }
        }
    }
}
