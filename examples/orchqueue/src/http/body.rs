//! Reading the body of `POST /v1/tasks`.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use orchq_metrics::v1::Engine;
use serde::Deserialize;

use super::BODY_LIMIT;
use crate::orchestrator::Submission;
use crate::task::{Level, not_one_of};

const DEFAULT_TOKENS: u64 = 64;
const MAX_TOKENS: u64 = 4096;
const DEFAULT_TIMEOUT_MS: u64 = 30_000;
const MAX_TIMEOUT_MS: u64 = 300_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TaskBody {
    engine: String,
    pool: Option<String>,
    prompt: String,
    max_tokens: Option<u64>,
    priority: Option<String>,
    timeout_ms: Option<u64>,
}

/// A body that is not a task.
#[derive(Debug)]
pub(super) struct Invalid {
    pub(super) status: StatusCode,
    /// The requested engine, if it could be read.
    pub(super) engine: Option<Engine>,
    pub(super) message: String,
}

impl Invalid {
    fn new(status: StatusCode, engine: Option<Engine>, message: impl Into<String>) -> Self {
        Self { status, engine, message: message.into() }
    }
}

pub(super) fn read(headers: &HeaderMap, body: Result<Bytes, BytesRejection>) -> Result<Submission, Invalid> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            let message = format!("the body is larger than {BODY_LIMIT} bytes; shorten the prompt");
            Invalid::new(StatusCode::PAYLOAD_TOO_LARGE, None, message)
        }
        status => Invalid::new(status, None, "the body is incomplete; send it again"),
    })?;
    if !is_json(headers) {
        let message = "the body must be JSON; send `content-type: application/json`";
        return Err(Invalid::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, engine_in(&body), message));
    }
    // serde would read an array as the fields in their order.
    if !body.trim_ascii_start().starts_with(b"{") {
        let message = "the body is not a task: it must be a JSON object";
        return Err(Invalid::new(StatusCode::BAD_REQUEST, engine_in(&body), message));
    }
    let bad = |message: String| Invalid::new(StatusCode::BAD_REQUEST, engine_in(&body), message);
    let task = serde_json::from_slice(&body).map_err(|error| bad(format!("the body is not a task: {error}")))?;
    validate(task).map_err(bad)
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// The engine in a body, whatever else is wrong with it.
fn engine_in(body: &[u8]) -> Option<Engine> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    body.get("engine")?.as_str()?.parse().ok()
}

fn validate(body: TaskBody) -> Result<Submission, String> {
    let engine = body.engine.parse().map_err(|_| not_one_of(&body.engine, "an engine", Engine::ALL))?;
    if body.prompt.trim().is_empty() {
        return Err("the prompt is empty; give the text to continue".to_owned());
    }
    let priority = body.priority.as_deref().unwrap_or(Level::Normal.as_str());
    let level = priority.parse().map_err(|_| not_one_of(priority, "a priority", &Level::ALL.map(Level::as_str)))?;
    let max_tokens = within("max_tokens", body.max_tokens.unwrap_or(DEFAULT_TOKENS), MAX_TOKENS)?;
    let timeout_ms = within("timeout_ms", body.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS), MAX_TIMEOUT_MS)?;
    Ok(Submission {
        engine,
        pool: body.pool,
        prompt: body.prompt,
        max_tokens,
        level,
        timeout: Duration::from_millis(timeout_ms),
    })
}

fn within(field: &str, value: u64, max: u64) -> Result<u64, String> {
    if (1..=max).contains(&value) { Ok(value) } else { Err(format!("{field} is {value}; it must be from 1 to {max}")) }
}
