//! The HTTP client for the engines. Every wait and every body has a limit.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Request, Response, StatusCode, Uri, header, request};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// How much of the body of an error is read.
const ERROR_BODY_LIMIT: usize = 64 << 10;
/// How much of an engine's text a message quotes.
const QUOTE_LIMIT: usize = 300;

/// An address that the client can use: `http`, with a host, without a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(Uri);

/// An address that the client cannot use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is not an address at all.
    #[error("`{0}` is not a URL; write one such as `http://127.0.0.1:8000`")]
    Malformed(String),
    /// There is no TLS in this client.
    #[error("`{0}` is https, and the queue has no TLS; put a TLS proxy in between, and give its http address")]
    Https(String),
    /// A message would show it, so the message does not have the address.
    #[error("an address with a user or a password is not supported; leave out the part before the `@`")]
    Credentials,
    /// It names a part of a page.
    #[error("`{0}` has a fragment; leave out the part after the `#`")]
    Fragment(String),
    /// A path is appended to it, so that it must have no query.
    #[error("`{0}` has a query; give the address without it")]
    Query(String),
}

impl Url {
    /// Reads an address.
    ///
    /// # Errors
    ///
    /// [`UrlError`], with what to write instead.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.split_once("//").is_some_and(|(_, rest)| rest.split(['/', '?']).next().unwrap_or(rest).contains('@')) {
            return Err(UrlError::Credentials);
        }
        if text.contains('#') {
            return Err(UrlError::Fragment(text.to_owned()));
        }
        let malformed = || UrlError::Malformed(text.to_owned());
        let uri: Uri = text.trim_end_matches('/').parse().map_err(|_| malformed())?;
        match uri.scheme_str() {
            Some("http") if uri.authority().is_some_and(is_host) => {}
            Some("https") => return Err(UrlError::Https(text.to_owned())),
            _ => return Err(malformed()),
        }
        if uri.query().is_some() {
            return Err(UrlError::Query(text.to_owned()));
        }
        Ok(Self(uri))
    }

    /// The address with a path appended, which begins with `/`.
    ///
    /// # Errors
    ///
    /// When the two together are not an address.
    pub fn join(&self, path: &str) -> Result<Self, UrlError> {
        Self::parse(&format!("{}{path}", self.to_string().trim_end_matches('/')))
    }
}

/// A host, without a port or with a valid one.
fn is_host(authority: &Authority) -> bool {
    let port = authority.as_str().strip_prefix(authority.host());
    !authority.host().is_empty() && (port == Some("") || authority.port_u16().is_some_and(|port| port > 0))
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A response that did not arrive, or not completely.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// No connection, or one that broke before the answer began.
    #[error("{url} cannot be reached: {cause}")]
    Unreachable {
        /// The requested URL.
        url: String,
        /// The system's error.
        cause: String,
    },
    /// Nothing arrived in time.
    #[error("{url} did not answer within {limit:?}")]
    Timeout {
        /// The requested URL.
        url: String,
        /// The time limit.
        limit: Duration,
    },
    /// The server answered with another status than 200.
    #[error("{url} answered {status}{message}")]
    Status {
        /// The requested URL.
        url: String,
        /// The status.
        status: StatusCode,
        /// The server's message, or that there is none, as the rest of a sentence.
        message: String,
    },
    /// The connection ended within the body.
    #[error("the answer of {url} breaks off: {cause}")]
    Truncated {
        /// The requested URL.
        url: String,
        /// The connection's error.
        cause: String,
    },
    /// The body is past its limit.
    #[error("the answer of {url} is larger than {limit} bytes")]
    TooLarge {
        /// The requested URL.
        url: String,
        /// The limit.
        limit: usize,
    },
}

/// The client.
#[derive(Debug, Clone)]
pub struct Fetch {
    http: hyper_util::client::legacy::Client<HttpConnector, Body>,
}

impl Fetch {
    /// A client that gives up on a connection after `connect_timeout`.
    pub fn new(connect_timeout: Duration) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(connect_timeout));
        // A request on a connection that the server is about to close fails, and one for a completion must not be sent
        // twice: each gets a connection of its own.
        let mut builder = hyper_util::client::legacy::Client::builder(TokioExecutor::new());
        Self { http: builder.pool_max_idle_per_host(0).build(connector) }
    }

    /// Sends a request and waits for the head of a 200; the body is not read yet.
    ///
    /// # Errors
    ///
    /// All but [`FetchError::TooLarge`]; for another status it has the server's message.
    pub async fn open(
        &self,
        url: &Url,
        build: impl FnOnce(request::Builder) -> axum::http::Result<Request<Body>>,
        limit: Duration,
    ) -> Result<Response<Body>, FetchError> {
        let unreachable = |cause: &dyn Error| FetchError::Unreachable { url: url.to_string(), cause: causes(cause) };
        let request = build(Request::builder().uri(url.0.clone())).map_err(|error| unreachable(&error))?;
        let answer = tokio::time::timeout(limit, self.http.request(request)).await;
        let response = answer
            .map_err(|_| FetchError::Timeout { url: url.to_string(), limit })?
            .map_err(|error| unreachable(&error))?
            .map(Body::new);
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(response);
        }
        let body = tokio::time::timeout(limit, read(url, response.into_body(), ERROR_BODY_LIMIT)).await;
        let message = body.ok().and_then(Result::ok).map(|body| body_message(&body)).unwrap_or_default();
        let message = if message.is_empty() { ", without a message".to_owned() } else { format!(": {message}") };
        Err(FetchError::Status { url: url.to_string(), status, message })
    }

    /// Gets a whole body of at most `size` bytes, all within `limit`.
    ///
    /// # Errors
    ///
    /// Any [`FetchError`].
    pub async fn get(
        &self,
        url: &Url,
        accept: &'static str,
        limit: Duration,
        size: usize,
    ) -> Result<(HeaderMap, Bytes), FetchError> {
        let whole = async {
            let request = |builder: request::Builder| builder.header(header::ACCEPT, accept).body(Body::empty());
            let (head, body) = self.open(url, request, limit).await?.into_parts();
            Ok((head.headers, read(url, body, size).await?))
        };
        let answer = tokio::time::timeout(limit, whole).await;
        answer.map_err(|_| FetchError::Timeout { url: url.to_string(), limit })?
    }
}

/// Reads a body to its end. Dropping the future closes the connection.
async fn read(url: &Url, mut body: Body, limit: usize) -> Result<Bytes, FetchError> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| FetchError::Truncated { url: url.to_string(), cause: causes(&error) })?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + data.len() > limit {
            return Err(FetchError::TooLarge { url: url.to_string(), limit });
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.into())
}

/// The message of an error with its causes, which hyper's own messages leave out.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}

/// The message in the body of an error.
fn body_message(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    match serde_json::from_str::<Value>(&text) {
        Ok(json) => error_message(&json).unwrap_or_else(|| quote(&text)),
        Err(_) => quote(&text),
    }
}

/// The message of an error object: OpenAI's `error.message`, which llama.cpp has, and vLLM since it follows that
/// form; TGI's `error`, a string; `message`, of vLLM before; `detail`, of FastAPI and so of Triton's frontend.
pub(crate) fn error_message(json: &Value) -> Option<String> {
    let found = ["/error/message", "/error", "/message", "/detail"].iter().find_map(|at| json.pointer(at));
    found.filter(|message| !message.is_null()).map(|message| match message {
        Value::String(text) => quote(text),
        other => quote(&other.to_string()),
    })
}

/// The beginning of a text, on one line.
pub(crate) fn quote(text: &str) -> String {
    let line: String = text.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(QUOTE_LIMIT).collect();
    if text.trim().chars().count() > QUOTE_LIMIT { format!("{line}…") } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_with_a_host_and_without_a_query() {
        let url = Url::parse("http://127.0.0.1:8000/llm/").unwrap();
        assert_eq!(url.join("/v1/completions").unwrap().to_string(), "http://127.0.0.1:8000/llm/v1/completions");
        assert_eq!(Url::parse("http://a").unwrap().join("/x").unwrap().to_string(), "http://a/x");
        assert!(matches!(Url::parse("https://a:1"), Err(UrlError::Https(_))));
        assert!(matches!(Url::parse("http://a/?b=c"), Err(UrlError::Query(_))));
        assert!(matches!(Url::parse("http://a/#b"), Err(UrlError::Fragment(_))));
        for text in ["http://user:secret@a:1", "http://user@a", "https://user:secret@a", "x//user:secret@a"] {
            let error = Url::parse(text).unwrap_err();
            assert!(error == UrlError::Credentials && !error.to_string().contains("secret"), "{text}: {error}");
        }
        assert!(Url::parse("http://[::1]:8000/a@b").is_ok());
        for text in
            ["", "a:8000", "/metrics", "ftp://a", "http://", "http:///a", "http://a:65536", "http://a:0", "http://a:"]
        {
            assert!(matches!(Url::parse(text), Err(UrlError::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn a_servers_message_is_found_in_every_form_of_error() {
        for (body, says) in [
            (r#"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#, "Loading model"),
            (r#"{"object":"error","message":"too long","code":400}"#, "too long"),
            (r#"{"error":"Model is overloaded","error_type":"overloaded"}"#, "Model is overloaded"),
            (r#"{"detail":"Unknown model: a"}"#, "Unknown model: a"),
            (r#"{"detail":[{"loc":["body"]}]}"#, r#"[{"loc":["body"]}]"#),
            ("no\nJSON", "no JSON"),
        ] {
            assert_eq!(body_message(body.as_bytes()), says);
        }
        assert_eq!(body_message("x".repeat(500).as_bytes()).chars().count(), QUOTE_LIMIT + 1);
    }
}
