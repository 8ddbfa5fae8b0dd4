//! A task's events, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::{Stream, StreamExt as _};
use serde_json::{Value, json};

use crate::task::{Outcome, Task, TaskEvent};

pub(super) fn stream(task: Arc<Task>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = Arc::clone(&task).follow().map(move |event| {
        let (name, data) = render(&task, event);
        Ok(Event::default().event(name).data(data.to_string()))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

fn render(task: &Task, event: TaskEvent) -> (&'static str, Value) {
    let spec = task.spec();
    let id = spec.id.to_string();
    match event {
        TaskEvent::Token { index, text } => ("token", json!({ "index": index, "text": &*text })),
        TaskEvent::Ended(Outcome::Done { decode, usage }) => {
            let data = json!({
                "id": id,
                "tokens_in": usage.map_or(spec.prompt_tokens, |usage| usage.prompt),
                "tokens_out": usage.map_or(task.tokens_out() as u64, |usage| usage.completion),
                "decode_ms": decode.as_secs_f64() * 1e3,
            });
            ("done", data)
        }
        TaskEvent::Ended(Outcome::Canceled(reason)) => {
            let mut data = json!({ "id": id, "reason": reason.as_str(), "tokens_out": task.tokens_out() });
            match task.failure() {
                None => ("canceled", data),
                Some(message) => {
                    data["error"] = json!({ "reason": "ENGINE_FAILED", "message": &*message });
                    ("failed", data)
                }
            }
        }
        TaskEvent::Ended(Outcome::Evicted(reason)) => {
            let message = "the queue was full, and a newer task took this one's place; try again later";
            ("rejected", json!({ "id": id, "error": { "reason": reason.as_str(), "message": message } }))
        }
    }
}
