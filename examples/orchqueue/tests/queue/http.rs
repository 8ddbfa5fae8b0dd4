//! The form of every answer that is not a task.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method};
use orchq_metrics::v1::{EngineBuild, Policy};
use orchqueue::client::ApiResponse;

use crate::harness::{Queue, growth, vllm};

fn content_type(value: &str) -> HeaderMap {
    HeaderMap::from_iter([(axum::http::header::CONTENT_TYPE, HeaderValue::from_str(value).unwrap())])
}

fn message(reply: &ApiResponse) -> String {
    let body = reply.json().unwrap();
    body["error"]["message"].as_str().unwrap_or_else(|| panic!("not an error: {body}")).to_owned()
}

#[tokio::test]
async fn a_bad_body_is_rejected_with_a_reason_and_counted_for_its_engine() {
    // Two pools: a body without an engine is counted for the engine of the first.
    let pools = [
        ("first".to_owned(), EngineBuild::tgi("2.4.0"), Policy::Reject),
        ("second".to_owned(), EngineBuild::vllm("0.6.3"), Policy::Reject),
    ];
    let queue = Queue::start(pools).await;
    let json = "application/json; charset=utf-8";
    let too_large = format!(r#"{{"engine":"vllm","prompt":"{}"}}"#, "queue ".repeat(50_000));
    let cases = [
        (json, "", 400, "tgi", "it must be a JSON object"),
        (json, "{", 400, "tgi", "EOF while parsing"),
        (json, "[]", 400, "tgi", "it must be a JSON object"),
        // In the order of the fields, and still no task.
        (json, r#"["vllm",null,"a",2,null,null]"#, 400, "tgi", "it must be a JSON object"),
        (json, r#"{"prompt":"a"}"#, 400, "tgi", "missing field `engine`"),
        (json, r#"{"engine":"mlx","prompt":"a"}"#, 400, "tgi", "`mlx` is not an engine; use `llamacpp`, `vllm`"),
        (json, r#"{"engine":"vllm"}"#, 400, "vllm", "missing field `prompt`"),
        (json, r#"{"engine":"vllm","prompt":" "}"#, 400, "vllm", "the prompt is empty"),
        (json, r#"{"engine":"vllm","prompt":"a","tokens":1}"#, 400, "vllm", "unknown field `tokens`"),
        (json, r#"{"engine":"vllm","prompt":"a","max_tokens":-1}"#, 400, "vllm", "invalid value"),
        (json, r#"{"engine":"vllm","prompt":"a","max_tokens":0}"#, 400, "vllm", "max_tokens is 0; it must be from 1"),
        (json, r#"{"engine":"vllm","prompt":"a","max_tokens":5000}"#, 400, "vllm", "max_tokens is 5000"),
        (json, r#"{"engine":"vllm","prompt":"a","timeout_ms":0}"#, 400, "vllm", "timeout_ms is 0"),
        (json, r#"{"engine":"vllm","prompt":"a","priority":"urgent"}"#, 400, "vllm", "`urgent` is not a priority"),
        ("text/plain", r#"{"engine":"vllm","prompt":"a"}"#, 415, "vllm", "the body must be JSON"),
        (json, &too_large, 413, "tgi", "larger than 262144 bytes"),
    ];
    for (kind, body, status, engine, expected) in cases {
        let before = queue.scrape().await;
        let headers = content_type(kind);
        let reply = queue.client.send(Method::POST, "/v1/tasks", headers, Body::from(body.to_owned())).await.unwrap();
        let shown = &body[..body.len().min(80)];
        let answer = (reply.status.as_u16(), reply.reason());
        assert_eq!(answer, (status, Some("INVALID_PARAMS".to_owned())), "{shown}");
        assert!(message(&reply).contains(expected), "{shown}: {}", message(&reply));
        let after = queue.scrape().await;
        let labels = [("engine", engine), ("reason", "INVALID_PARAMS")];
        assert_eq!(growth(&before, &after, "tasks_rejected_total", &labels), 1.0, "{shown}");
        assert_eq!(growth(&before, &after, "tasks_rejected_total", &[]), 1.0, "{shown}");
    }
}

#[tokio::test]
async fn a_request_without_a_content_type_is_rejected() {
    let queue = Queue::start(vllm("no-type", Policy::Reject)).await;
    let body = Body::from(r#"{"engine":"vllm","prompt":"a"}"#);
    let reply = queue.client.send(Method::POST, "/v1/tasks", HeaderMap::new(), body).await.unwrap();
    assert_eq!((reply.status.as_u16(), reply.reason().as_deref()), (415, Some("INVALID_PARAMS")));
}

#[tokio::test]
async fn an_unknown_route_or_method_has_the_same_form() {
    let queue = Queue::start(vllm("routes", Policy::Reject)).await;
    let reply = queue.client.get("/v2/tasks").await.unwrap();
    assert_eq!((reply.status.as_u16(), reply.reason().as_deref()), (404, Some("ROUTE_UNKNOWN")));
    assert!(message(&reply).contains("there is no `/v2/tasks`"));

    let reply = queue.client.get("/v1/tasks").await.unwrap();
    assert_eq!((reply.status.as_u16(), reply.reason().as_deref()), (405, Some("METHOD_NOT_ALLOWED")));
    assert_eq!(reply.headers["allow"], "POST");
    assert!(message(&reply).contains("does not take GET"));

    for path in ["/v1/tasks/task-999999/stream", "/v1/tasks/17/stream", "/v1/tasks/%ff/stream"] {
        let reply = queue.client.get(path).await.unwrap();
        assert_eq!((reply.status.as_u16(), reply.reason().as_deref()), (404, Some("TASK_UNKNOWN")), "{path}");
    }
}

#[tokio::test]
async fn health_has_the_state_of_the_pools() {
    let queue = Queue::cold(vllm("health", Policy::Reject)).await;
    let health = async || {
        let reply = queue.client.get("/healthz").await.unwrap();
        let body = reply.json().unwrap();
        let text = |pointer| body.pointer(pointer).and_then(|value| value.as_str()).unwrap().to_owned();
        (reply.status.as_u16(), text("/status"), text("/pools/0/pool"), text("/pools/0/state"))
    };
    let health_is = |code, status: &str, state: &str| (code, status.to_owned(), "health".to_owned(), state.to_owned());
    assert_eq!(health().await, health_is(503, "unready", "warming"));
    queue.orchestrator.warm_up().await;
    assert_eq!(health().await, health_is(200, "ok", "ready"));
    queue.orchestrator.drain().await;
    assert_eq!(health().await, health_is(503, "unready", "draining"));
}

#[tokio::test]
async fn the_metrics_are_served_as_the_library_types_them() {
    let queue = Queue::start(vllm("typed", Policy::Reject)).await;
    let reply = queue.client.get("/metrics").await.unwrap();
    assert_eq!(reply.status.as_u16(), 200);
    assert_eq!(reply.headers["content-type"], orchq_metrics::text::CONTENT_TYPE);
}
