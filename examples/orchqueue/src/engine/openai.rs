//! The streaming client of the OpenAI-compatible endpoint that all four engines have.
//!
//! An answer is complete with a `finish_reason` or `[DONE]`. A stream that ends before is an error, and so is one with
//! an error in it, although TGI sends `[DONE]` after that. Only the usage can follow a `finish_reason`; the client
//! waits for it for a short time.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Response, header, request};
use futures_util::stream::{self, Stream, StreamExt as _, TryStreamExt as _};
use http_body_util::BodyExt as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::sse::{Decoder, EVENT_LIMIT, Event, TooLong};
use super::{EngineError, Token, TokenStream, Usage};
use crate::fetch::{Fetch, Url, causes, error_message, quote};

/// The longest answer that is accepted, in bytes.
const ANSWER_LIMIT: usize = 4 << 20;

/// How long to wait for the usage after the end of an answer.
const USAGE_WAIT: Duration = Duration::from_secs(1);

/// Which of the two endpoints is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Api {
    /// `POST /v1/completions`: continues the prompt as it is, which is what a task asks for.
    #[default]
    Completions,
    /// `POST /v1/chat/completions`: the prompt is a user's message, put into the model's template by the engine.
    Chat,
}

impl Api {
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Completions => "/v1/completions",
            Self::Chat => "/v1/chat/completions",
        }
    }
}

/// The client of one engine.
#[derive(Debug, Clone)]
pub(super) struct OpenAi {
    pub(super) fetch: Fetch,
    pub(super) url: Url,
    pub(super) api: Api,
    /// The `model` of the requests.
    pub(super) model: Option<String>,
    /// How long a stream may be silent, before its first byte and between two.
    pub(super) idle: Duration,
}

impl OpenAi {
    pub(super) fn generate(&self, prompt: &str, max_tokens: usize) -> TokenStream {
        let mut body = json!({
            "max_tokens": max_tokens,
            "stream": true,
            "stream_options": { "include_usage": true },
        });
        match self.api {
            Api::Completions => body["prompt"] = prompt.into(),
            Api::Chat => body["messages"] = json!([{ "role": "user", "content": prompt }]),
        }
        if let Some(model) = &self.model {
            body["model"] = model.as_str().into();
        }
        let client = self.clone();
        stream::once(async move { client.open(body).await }).try_flatten().boxed()
    }

    async fn open(self, body: Value) -> Result<impl Stream<Item = Result<Token, EngineError>> + Send, EngineError> {
        let post = |builder: request::Builder| {
            builder
                .method("POST")
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::ACCEPT, "text/event-stream")
                .body(Body::from(body.to_string()))
        };
        let response = self.fetch.open(&self.url, post, self.idle).await?;
        let url = self.url.to_string();
        let kind = content_type(&response);
        if !kind.starts_with("text/event-stream") {
            let what = format!("`{kind}`, not a stream of server-sent events");
            return Err(EngineError::Unexpected { url, what });
        }
        let answer = Answer::new(url, response.into_body(), self.idle);
        // Nothing is read after an error.
        Ok(stream::unfold(Some(answer), |answer| async move {
            let mut answer = answer?;
            match answer.next().await {
                Ok(token) => Some((Ok(token?), Some(answer))),
                Err(error) => Some((Err(error), None)),
            }
        }))
    }
}

fn content_type(response: &Response<Body>) -> String {
    let value = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value.map_or_else(|| "no content type".to_owned(), |value| quote(&value.to_ascii_lowercase()))
}

/// An answer that is being read.
struct Answer {
    url: String,
    body: Body,
    idle: Duration,
    decoder: Decoder,
    events: VecDeque<Event>,
    length: usize,
    /// There was a choice, possibly without text.
    begun: bool,
    /// How long to wait for more, set when the answer is complete.
    finished: Option<Instant>,
    /// The connection has ended.
    ended: bool,
    /// `[DONE]`: there is nothing more to wait for.
    done: bool,
    usage: Option<Usage>,
}

impl Answer {
    fn new(url: String, body: Body, idle: Duration) -> Self {
        Self {
            url,
            body,
            idle,
            decoder: Decoder::default(),
            events: VecDeque::new(),
            length: 0,
            begun: false,
            finished: None,
            ended: false,
            done: false,
            usage: None,
        }
    }

    /// The next token; `None` after a complete answer.
    async fn next(&mut self) -> Result<Option<Token>, EngineError> {
        loop {
            while let Some(event) = self.events.pop_front() {
                match self.take(event) {
                    Ok(Some(text)) => return Ok(Some(Token::Text(text))),
                    Ok(None) => {}
                    // Nothing is missing after a complete answer, whatever follows.
                    Err(EngineError::Unexpected { .. }) if self.finished.is_some() => {}
                    Err(EngineError::Unexpected { .. }) if self.ended => return Err(self.truncated()),
                    Err(error) => return Err(error),
                }
            }
            if self.done {
                return Ok(self.usage.take().map(Token::Usage));
            }
            match self.chunk().await? {
                Some(chunk) => {
                    let fed = self.decoder.feed(&chunk, &mut self.events);
                    fed.map_err(|TooLong| self.too_large("an event", EVENT_LIMIT))?;
                }
                None if !std::mem::replace(&mut self.ended, true) => {
                    let last = self.decoder.finish().map_err(|TooLong| self.too_large("an event", EVENT_LIMIT))?;
                    self.events.extend(last);
                }
                None if self.finished.is_some() => self.done = true,
                None => return Err(self.truncated()),
            }
        }
    }

    /// The next bytes; `None` at the end. After a complete answer it does not matter how the connection ends, or that
    /// it is silent.
    async fn chunk(&mut self) -> Result<Option<Bytes>, EngineError> {
        if self.ended {
            return Ok(None);
        }
        let until = Instant::now() + self.idle;
        let until = self.finished.map_or(until, |finished| finished.min(until));
        match tokio::time::timeout_at(until, self.body.frame()).await {
            Err(_) if self.finished.is_some() => Ok(None),
            Err(_) => Err(EngineError::Silent { url: self.url.clone(), limit: self.idle }),
            Ok(None) => Ok(None),
            Ok(Some(Ok(frame))) => Ok(Some(frame.into_data().unwrap_or_default())),
            Ok(Some(Err(_))) if self.finished.is_some() => Ok(None),
            Ok(Some(Err(error))) => Err(EngineError::Truncated(format!("{} ({})", self.url, causes(&error)))),
        }
    }

    /// Processes an event and returns its text, if any.
    fn take(&mut self, event: Event) -> Result<Option<String>, EngineError> {
        let data = match event {
            Event::Data(data) => data,
            Event::Error(data) => {
                let message = serde_json::from_str(&data).ok().and_then(|json| error_message(&json));
                return Err(EngineError::Failed(message.unwrap_or_else(|| quote(&data))));
            }
        };
        if self.done || data.trim().is_empty() {
            return Ok(None);
        }
        if data.trim() == "[DONE]" {
            if !self.begun {
                let what = "the end of an answer that has not begun".to_owned();
                return Err(EngineError::Unexpected { url: self.url.clone(), what });
            }
            self.done = true;
            self.finish();
            return Ok(None);
        }
        let unexpected = |what: String| EngineError::Unexpected { url: self.url.clone(), what };
        let json: Value = serde_json::from_str(&data)
            .map_err(|_| unexpected(format!("an event that is not JSON: {}", quote(&data))))?;
        let is_error = json.get("error").is_some_and(|error| !error.is_null());
        if is_error || json.get("object").and_then(Value::as_str) == Some("error") {
            return Err(EngineError::Failed(error_message(&json).unwrap_or_else(|| quote(&data))));
        }
        if json.get("choices").is_none() && json.get("usage").is_none() {
            // Such as `{"detail": ".."}`.
            return Err(match error_message(&json) {
                Some(message) => EngineError::Failed(message),
                None => unexpected(format!("an event that is not part of an answer: {}", quote(&data))),
            });
        }
        let chunk: Chunk = serde_json::from_value(json)
            .map_err(|_| unexpected(format!("an event that is not part of an answer: {}", quote(&data))))?;
        // A usage that cannot be read does not fail the task.
        self.usage = chunk.usage.as_ref().and_then(usage).or(self.usage);
        // One choice was requested.
        let Some(choice) = chunk.choices.unwrap_or_default().into_iter().next() else { return Ok(None) };
        self.begun = true;
        match choice.finish_reason.as_deref() {
            None | Some("") => {}
            Some(reason @ ("abort" | "error")) => {
                return Err(EngineError::Failed(format!("its answer ends with the reason `{reason}`")));
            }
            Some(_) => self.finish(),
        }
        let text = choice.text.or(choice.delta.and_then(|delta| delta.content)).unwrap_or_default();
        self.length += text.len();
        if self.length > ANSWER_LIMIT {
            return Err(self.too_large("the answer", ANSWER_LIMIT));
        }
        Ok((!text.is_empty()).then_some(text))
    }

    fn finish(&mut self) {
        self.finished.get_or_insert_with(|| Instant::now() + USAGE_WAIT);
    }

    fn truncated(&self) -> EngineError {
        EngineError::Truncated(self.url.clone())
    }

    fn too_large(&self, what: &'static str, limit: usize) -> EngineError {
        EngineError::TooLarge { url: self.url.clone(), what, limit }
    }
}

/// A chunk of an answer of either endpoint; other fields are ignored.
#[derive(Deserialize)]
struct Chunk {
    choices: Option<Vec<Choice>>,
    usage: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    text: Option<String>,
    delta: Option<Delta>,
    /// TGI's completions have an empty one until the last.
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
}

/// The usage, if both counts are valid.
fn usage(value: &Value) -> Option<Usage> {
    let count = |key| value.get(key).and_then(Value::as_u64);
    Some(Usage { prompt: count("prompt_tokens")?, completion: count("completion_tokens")? })
}
