//! A server that answers as an engine does, or as badly as a test asks.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Request, Response, StatusCode, header};
use futures_util::stream::{self, StreamExt as _};
use http_body_util::BodyExt as _;
use orchq_metrics::v1::Engine;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// The answer to a request.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    /// Each is sent separately.
    pub(crate) chunks: Vec<Bytes>,
    pub(crate) end: End,
}

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// As it should.
    Whole,
    /// The connection breaks.
    Broken,
    /// It never does.
    Hanging,
    /// Nothing is answered at all.
    Silent,
    /// The connection breaks before anything is answered.
    Cut,
}

impl Answer {
    pub(crate) fn ok(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status: StatusCode::OK, content_type, chunks: vec![body.into()], end: End::Whole }
    }

    pub(crate) fn page(body: impl Into<Bytes>) -> Self {
        Self::ok("text/plain; version=0.0.4; charset=utf-8", body)
    }

    pub(crate) fn json(body: impl Into<Bytes>) -> Self {
        Self::ok("application/json", body)
    }

    pub(crate) fn stream(chunks: impl IntoIterator<Item = impl Into<Bytes>>) -> Self {
        let chunks = chunks.into_iter().map(Into::into).collect();
        Self { chunks, ..Self::ok("text/event-stream; charset=utf-8", Bytes::new()) }
    }

    pub(crate) fn status(self, status: u16) -> Self {
        Self { status: StatusCode::from_u16(status).unwrap(), ..self }
    }

    pub(crate) fn ending(self, end: End) -> Self {
        Self { end, ..self }
    }
}

#[derive(Debug)]
pub(crate) struct Answers {
    pub(crate) metrics: Answer,
    pub(crate) version: Answer,
    pub(crate) completions: Answer,
    /// The bodies of the requests for completions.
    pub(crate) requests: Vec<(String, Value)>,
    pub(crate) scrapes: usize,
}

/// The server; it is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Replay {
    pub(crate) addr: SocketAddr,
    shared: Arc<Shared>,
    server: AbortHandle,
}

#[derive(Debug)]
struct Shared {
    answers: Mutex<Answers>,
    /// Bodies of completions that were dropped, whole or not.
    dropped: AtomicUsize,
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// The sample of an engine's own metrics page.
pub(crate) fn sample(engine: Engine) -> &'static str {
    match engine {
        Engine::LlamaCpp => include_str!("../../samples/llamacpp.prom"),
        Engine::Vllm => include_str!("../../samples/vllm.prom"),
        Engine::Tgi => include_str!("../../samples/tgi.prom"),
        Engine::Triton => include_str!("../../samples/triton.prom"),
    }
}

/// The identity that an engine of this version reports.
pub(crate) fn identity(engine: Engine, version: &str) -> Answer {
    Answer::json(match engine {
        Engine::LlamaCpp => format!(r#"{{"build_info":"{version}","total_slots":1}}"#),
        Engine::Vllm => format!(r#"{{"version":"{version}"}}"#),
        Engine::Tgi => format!(r#"{{"model_id":"a/b","model_sha":"6f0a3f","version":"{version}","sha":"db931fcf"}}"#),
        Engine::Triton => format!(r#"{{"name":"triton","version":"{version}","extensions":[]}}"#),
    })
}

/// The versions that the samples are of.
pub(crate) fn version(engine: Engine) -> &'static str {
    match engine {
        Engine::LlamaCpp => "b10493-04b569142",
        Engine::Vllm => "0.33.0",
        Engine::Tgi => "3.3.7",
        Engine::Triton => "2.73.0",
    }
}

/// An answer of two tokens, as each engine streams it.
pub(crate) fn completion(engine: Engine) -> Answer {
    let usage = r#""usage":{"prompt_tokens":4,"completion_tokens":2,"total_tokens":6}"#;
    let events = match engine {
        // The last text and the usage come together, and every other `finish_reason` is empty.
        Engine::Tgi => vec![
            r#"{"id":"","choices":[{"text":" all","index":0,"finish_reason":""}],"model":"a/b"}"#.to_owned(),
            format!(r#"{{"id":"","choices":[{{"text":" well","index":0,"finish_reason":"length"}}],{usage}}}"#),
        ],
        _ => vec![
            r#"{"id":"cmpl-1","choices":[{"text":" all","index":0,"finish_reason":null}]}"#.to_owned(),
            r#"{"id":"cmpl-1","choices":[{"text":" well","index":0,"finish_reason":"stop"}]}"#.to_owned(),
            format!(r#"{{"id":"cmpl-1","choices":[],{usage}}}"#),
        ],
    };
    let done = ["[DONE]".to_owned()];
    Answer::stream(events.into_iter().chain(done).map(|event| format!("data: {event}\n\n")))
}

impl Replay {
    /// A server that answers as this engine does when all is well.
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::serve(engine, TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap())
    }

    pub(crate) fn serve(engine: Engine, listener: TcpListener) -> Self {
        let answers = Answers {
            metrics: Answer::page(sample(engine)),
            version: identity(engine, version(engine)),
            completions: completion(engine),
            requests: Vec::new(),
            scrapes: 0,
        };
        let shared = Arc::new(Shared { answers: Mutex::new(answers), dropped: AtomicUsize::new(0) });
        let addr = listener.local_addr().unwrap();
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let server = tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
        Self { addr, shared, server }
    }

    pub(crate) fn answers(&self) -> MutexGuard<'_, Answers> {
        self.shared.answers.lock().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// How many streams the client has let go of.
    pub(crate) fn dropped(&self) -> usize {
        self.shared.dropped.load(Ordering::SeqCst)
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let body = request.into_body().collect().await.unwrap().to_bytes();
    let completions = path.ends_with("/completions");
    let answer = {
        let mut answers = shared.answers.lock().unwrap();
        if completions {
            answers.requests.push((path, serde_json::from_slice(&body).unwrap()));
            answers.completions.clone()
        } else if path == "/metrics" {
            answers.scrapes += 1;
            answers.metrics.clone()
        } else if ["/props", "/version", "/info", "/v2"].contains(&path.as_str()) {
            answers.version.clone()
        } else {
            Answer::json(r#"{"detail":"Not Found"}"#).status(404)
        }
    };
    if answer.end == End::Silent {
        std::future::pending::<Infallible>().await;
    }
    // Which costs the connection.
    assert!(answer.end != End::Cut, "as asked");
    let guard = completions.then(|| OnDrop(shared));
    Response::builder()
        .status(answer.status)
        .header(header::CONTENT_TYPE, answer.content_type)
        .body(body_of(answer, guard))
        .unwrap()
}

fn body_of(answer: Answer, guard: Option<OnDrop>) -> Body {
    let chunks = stream::iter(answer.chunks).then(|chunk| async {
        // So that the chunks are not put together.
        tokio::task::yield_now().await;
        Ok::<_, std::io::Error>(chunk)
    });
    let end = stream::once(async move {
        match answer.end {
            End::Broken => {
                // Earlier bytes are sent during this wait.
                tokio::time::sleep(Duration::from_millis(10)).await;
                Err(std::io::Error::other("as asked"))
            }
            End::Hanging => std::future::pending().await,
            End::Whole | End::Silent | End::Cut => Ok(Bytes::new()),
        }
    });
    Body::from_stream(chunks.chain(end).map(move |chunk| {
        let _held = &guard;
        chunk
    }))
}

#[derive(Debug)]
struct OnDrop(Arc<Shared>);

impl Drop for OnDrop {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}
