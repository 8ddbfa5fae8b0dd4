//! Getting an engine's metrics page.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header;
use orchq_metrics::scrape::{self, Family, Format};

use super::reading::TooMany;
use super::{Reading, Sources};
use crate::fetch::{Fetch, FetchError, Url, quote};

/// What is asked for. All four engines serve it.
const ACCEPT: &str = "text/plain;version=0.0.4";

/// A metrics page that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScrapeError {
    /// It did not come.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It ends within a line, so that a part of it may be missing.
    #[error("the metrics page of {0} breaks off: its last line has no end")]
    Truncated(String),
    /// It is an exposition within a JSON string, as llama.cpp builds around b7010 to b7100 serve it
    /// (<https://github.com/ggml-org/llama.cpp/issues/17384>).
    #[error("the metrics page of {0} is wrapped in a JSON string; update the engine, or ask it without what wraps it")]
    QuotedJson(String),
    /// It has more series than one metric may be made of.
    #[error("the metrics page of {url} has more than {limit} series of {family}, and nothing of it is used")]
    TooManySeries {
        /// What was asked.
        url: String,
        /// The family.
        family: &'static str,
        /// The limit.
        limit: usize,
    },
    /// It is something else: HTML, JSON, binary.
    #[error("{url} serves no metrics page: {what}; check the address of the metrics")]
    NotExposition {
        /// What was asked.
        url: String,
        /// What it is.
        what: String,
    },
    /// A line of it is not of the format.
    #[error("line {line} of the metrics page of {url} is not of the format: {what}")]
    Malformed {
        /// What was asked.
        url: String,
        /// The first such line.
        line: usize,
        /// What is wrong there.
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
    /// A reader of the page at `url`, which takes at most `limit` and `size` bytes. Series of other models than
    /// `models` do not count, where there are any.
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

    /// Gets the page and reads what the contract asks for.
    ///
    /// # Errors
    ///
    /// [`ScrapeError`]; nothing of such a page is used.
    pub async fn read(&self) -> Result<Reading, ScrapeError> {
        let (headers, body) = self.fetch.get(&self.url, ACCEPT, self.limit, self.size).await?;
        let (url, sources, models) = (self.url.to_string(), self.sources, Arc::clone(&self.models));
        let told = url.clone();
        // A large page takes long enough to keep everything else on its thread waiting.
        let read = tokio::task::spawn_blocking(move || {
            let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
            let families = parse(&url, content_type, &body)?;
            let read = sources.read(&families, &models);
            read.map_err(|TooMany { family, limit }| ScrapeError::TooManySeries { url, family, limit })
        });
        let broken = |_| ScrapeError::NotExposition { url: told, what: "reading it failed".to_owned() };
        read.await.map_err(broken)?
    }
}

/// Parses a page, in the format that its `Content-Type` names, or else the one that it looks like.
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
            return ScrapeError::NotExposition { url, what: "nothing in it can be read".to_owned() };
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
    fn a_page_that_is_none_is_told_from_one_that_is_broken() {
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
            // TGI's type is without a version, and none of them may be taken for OpenMetrics.
            for content_type in [Some("text/plain; charset=utf-8"), None] {
                let read = parse("http://e/metrics", content_type, page.as_bytes()).unwrap();
                assert_eq!(read.len(), page.matches("# TYPE ").count());
            }
        }
    }
}
