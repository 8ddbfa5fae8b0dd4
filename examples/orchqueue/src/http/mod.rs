//! The HTTP API.
//!
//! | request | answer |
//! | --- | --- |
//! | `POST /v1/tasks` | 202 and the task's id, pool and replica |
//! | `GET /v1/tasks/{id}/stream` | server-sent events: `token`s, then `done`, `canceled`, `failed` or `rejected` |
//! | `DELETE /v1/tasks/{id}` | 202, and the task will end as canceled |
//! | `GET /healthz` | 200 while a pool admits tasks, otherwise 503; the state of each pool |
//! | `GET /metrics` | the metrics, in the text exposition format |
//!
//! A task is an object of `engine`, `prompt` and, optionally, `pool`, `max_tokens`, `priority` (`high`, `normal` or
//! `low`) and `timeout_ms`. Every error, axum's own included, is `{"error": {"reason": "..", "message": ".."}}`:
//!
//! | status | reason |
//! | --- | --- |
//! | 400 (413 too large, 415 not JSON) | `INVALID_PARAMS` |
//! | 404 | `POOL_UNAVAILABLE`, `TASK_UNKNOWN`, `ROUTE_UNKNOWN` |
//! | 405 | `METHOD_NOT_ALLOWED` |
//! | 409 | `TASK_ENDED` |
//! | 429, try again | `ADMISSION_REJECT` |
//! | 503 | `POOL_UNREADY` (try again), `REPLICA_EXHAUSTED` (ask for less) |
//!
//! `QUEUE_FULL_DROP_LRU`, and `ADMISSION_REJECT` for a task that was shed, are the `rejected` event of a stream: the
//! task had been accepted. `ENGINE_FAILED` is the `failed` event, with the engine's message. The contract has no reason
//! for it, so that such a task is counted as canceled by the watchdog.

mod body;
mod error;
mod sse;

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::serve::ListenerExt as _;
use orchq_metrics::v1::{CONTRACT, CancelReason};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::orchestrator::Orchestrator;
use crate::task::TaskId;
use error::ApiError;

/// How long a client may take to read its last response.
const GRACE: Duration = Duration::from_secs(5);

/// The largest body that is read.
const BODY_LIMIT: usize = 256 * 1024;

type Shared = State<Arc<Orchestrator>>;

/// The routes.
pub fn router(orchestrator: Arc<Orchestrator>) -> Router {
    Router::new()
        .route("/v1/tasks", post(submit))
        .route("/v1/tasks/{id}", delete(cancel))
        .route("/v1/tasks/{id}/stream", get(stream))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(orchestrator)
}

/// Serves until `shutdown` has completed and all requests that were open then are answered. It does not wait long for a
/// client that does not read.
pub async fn serve(
    listener: TcpListener,
    orchestrator: Arc<Orchestrator>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // A token is a small write, which must not wait for the acknowledgement of the one before. Where the option cannot
    // be set, the tokens come later.
    let listener = listener.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    let (announce, announced) = oneshot::channel();
    let server = axum::serve(listener, router(orchestrator)).with_graceful_shutdown(async {
        shutdown.await;
        let _ = announce.send(());
    });
    let grace_is_over = async {
        match announced.await {
            Ok(()) => tokio::time::sleep(GRACE).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        served = server => served,
        () = grace_is_over => Ok(()),
    }
}

async fn submit(
    State(orchestrator): Shared,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let submission = body::read(&headers, body).map_err(|invalid| {
        let rejection = orchestrator.reject_invalid(invalid.engine, invalid.message);
        ApiError::from(rejection).with_status(invalid.status)
    })?;
    let task = orchestrator.submit(submission)?;
    let spec = task.spec();
    let accepted = json!({
        "id": spec.id.to_string(),
        "pool": &*spec.pool,
        "replica": &**spec.backend.name(),
        "priority": spec.level.as_str(),
        "prompt_tokens": spec.prompt_tokens,
        "stream": format!("/v1/tasks/{}/stream", spec.id),
    });
    Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
}

async fn stream(State(orchestrator): Shared, uri: Uri, id: PathId) -> Result<Response, ApiError> {
    let id = task_id(&uri, id)?;
    let task = orchestrator.task(id).ok_or_else(|| ApiError::unknown_task(id))?;
    Ok(sse::stream(task).into_response())
}

async fn cancel(State(orchestrator): Shared, uri: Uri, id: PathId) -> Result<Response, ApiError> {
    let id = task_id(&uri, id)?;
    orchestrator.cancel(id, CancelReason::User).map_err(|error| ApiError::from_cancel(error, id))?;
    let accepted = json!({ "id": id.to_string(), "status": "canceling" });
    Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
}

type PathId = Result<Path<String>, PathRejection>;

/// The task that a path names. What cannot be an id names no task.
fn task_id(uri: &Uri, id: PathId) -> Result<TaskId, ApiError> {
    let Path(id) = id.map_err(|_| ApiError::unknown_task(uri.path()))?;
    id.parse().map_err(|_| ApiError::unknown_task(id))
}

async fn health(State(orchestrator): Shared) -> (StatusCode, Json<serde_json::Value>) {
    let pools: Vec<_> = orchestrator
        .pools()
        .iter()
        .map(|pool| {
            json!({
                "pool": pool.name(),
                "engine": pool.engine().as_str(),
                "state": pool.readiness().as_str(),
                "waiting": pool.waiting(),
            })
        })
        .collect();
    let admits = orchestrator.pools().iter().any(|pool| pool.admits());
    let (code, status) = if admits { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "unready") };
    (code, Json(json!({ "status": status, "pools": pools })))
}

async fn metrics() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, orchq_metrics::text::CONTENT_TYPE)], orchq_metrics::text::encode(&CONTRACT))
}

async fn unknown_route(uri: Uri) -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "ROUTE_UNKNOWN",
        format!("there is no `{}`; the API is /v1/tasks, /v1/tasks/{{id}}, /healthz and /metrics", uri.path()),
    )
}

async fn unknown_method(method: Method, uri: Uri) -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "METHOD_NOT_ALLOWED",
        format!("`{}` does not take {method}; see the Allow header", uri.path()),
    )
}
