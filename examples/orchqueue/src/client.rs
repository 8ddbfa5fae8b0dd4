//! A small client of the HTTP API, for the demo and the tests.

use std::net::SocketAddr;

use anyhow::{Context as _, ensure};
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

use crate::scrape::Scrape;

/// A client of one server; clones share its connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: hyper_util::client::legacy::Client<HttpConnector, Body>,
    server: SocketAddr,
}

/// A whole response.
#[derive(Debug, Clone)]
pub struct ApiResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl ApiResponse {
    /// The body as JSON.
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_str(&self.text).with_context(|| format!("the answer is not JSON: {}", self.text))
    }

    /// The reason, if the answer is an error of the API.
    pub fn reason(&self) -> Option<String> {
        Some(self.json().ok()?.pointer("/error/reason")?.as_str()?.to_owned())
    }

    /// The id, if the answer is an accepted task.
    pub fn accepted_id(&self) -> anyhow::Result<String> {
        ensure!(self.status == StatusCode::ACCEPTED, "not accepted: {} {}", self.status, self.text);
        let id = self.json()?.get("id").and_then(Value::as_str).map(str::to_owned);
        id.with_context(|| format!("the answer has no id: {}", self.text))
    }
}

impl Client {
    /// A client of the server at `server`.
    pub fn new(server: SocketAddr) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(connector);
        Self { http, server }
    }

    /// Sends a request.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Body,
    ) -> anyhow::Result<ApiResponse> {
        let (head, body) = self.open(method, path, headers, body).await?.into_parts();
        let body = body.collect().await.with_context(|| format!("the answer of {path} broke off"))?.to_bytes();
        let text = String::from_utf8(body.into()).with_context(|| format!("the answer of {path} is not text"))?;
        Ok(ApiResponse { status: head.status, headers: head.headers, text })
    }

    /// Gets a page.
    pub async fn get(&self, path: &str) -> anyhow::Result<ApiResponse> {
        self.send(Method::GET, path, HeaderMap::new(), Body::empty()).await
    }

    /// Submits a task.
    pub async fn submit(&self, task: &Value) -> anyhow::Result<ApiResponse> {
        let json = header::HeaderValue::from_static("application/json");
        let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
        self.send(Method::POST, "/v1/tasks", headers, task.to_string().into()).await
    }

    /// Cancels a task.
    pub async fn cancel(&self, id: &str) -> anyhow::Result<ApiResponse> {
        self.send(Method::DELETE, &format!("/v1/tasks/{id}"), HeaderMap::new(), Body::empty()).await
    }

    /// Follows the events of a task.
    pub async fn follow(&self, id: &str) -> anyhow::Result<Events> {
        let path = format!("/v1/tasks/{id}/stream");
        let response = self.open(Method::GET, &path, HeaderMap::new(), Body::empty()).await?;
        ensure!(response.status() == StatusCode::OK, "{path} answers {}", response.status());
        Ok(Events { body: response.into_body(), unread: Vec::new() })
    }

    /// Fetches the metrics page.
    pub async fn metrics(&self) -> anyhow::Result<String> {
        let reply = self.get("/metrics").await?;
        ensure!(reply.status == StatusCode::OK, "/metrics answers {}", reply.status);
        Ok(reply.text)
    }

    /// Fetches and parses the metrics page.
    pub async fn scrape(&self) -> anyhow::Result<Scrape> {
        Scrape::parse(&self.metrics().await?)
    }

    async fn open(&self, method: Method, path: &str, headers: HeaderMap, body: Body) -> anyhow::Result<Response<Body>> {
        let uri = format!("http://{}{path}", self.server);
        let mut request = Request::builder().method(method).uri(&uri).body(body)?;
        request.headers_mut().extend(headers);
        let response = self.http.request(request).await.with_context(|| format!("cannot reach {uri}"))?;
        Ok(response.map(Body::new))
    }
}

/// A server-sent event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its kind: `token`, `done`, `canceled`, `failed` or `rejected`.
    pub name: String,
    /// Its data.
    pub data: Value,
}

/// The events of a task, as they arrive.
#[derive(Debug)]
pub struct Events {
    body: Body,
    unread: Vec<u8>,
}

impl Events {
    /// The next event; `None` at the end of the stream.
    pub async fn next(&mut self) -> anyhow::Result<Option<Event>> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.unread.drain(..end + 2).collect();
                // Comments, which keep the connection alive, are blocks without data.
                if let Some(event) = parse(std::str::from_utf8(&block)?)? {
                    return Ok(Some(event));
                }
                continue;
            }
            match self.body.frame().await.transpose().context("the stream broke off")? {
                Some(frame) => self.unread.extend(frame.into_data().unwrap_or_else(|_| Bytes::new())),
                None => return Ok(None),
            }
        }
    }

    /// Every event up to the end of the stream.
    pub async fn rest(mut self) -> anyhow::Result<Vec<Event>> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await? {
            events.push(event);
        }
        Ok(events)
    }

    /// The last event of the stream, which states how the task ended.
    pub async fn last(self) -> anyhow::Result<Event> {
        self.rest().await?.pop().context("the stream has no event")
    }
}

fn parse(block: &str) -> anyhow::Result<Option<Event>> {
    let field = |name: &str| {
        let value = |line: &str| line.strip_prefix(name)?.strip_prefix(": ").map(str::to_owned);
        block.lines().find_map(value)
    };
    let (Some(name), Some(data)) = (field("event"), field("data")) else {
        return Ok(None);
    };
    let data = serde_json::from_str(&data).with_context(|| format!("the data of `{name}` is not JSON"))?;
    Ok(Some(Event { name, data }))
}
