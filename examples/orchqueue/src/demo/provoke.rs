//! Rejections and cancellations, which a queue under light load never has. Each is provoked by holding a pool's slots
//! or the engine's pace, so that none depends on timing.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use axum::http::StatusCode;
use serde_json::{Value, json};

use super::screen;
use crate::client::Client;
use crate::engine::ngram::Pace;
use crate::fleet;
use crate::orchestrator::{Hold, Orchestrator, Pool};

/// Longer than any demonstration.
const FOREVER: Duration = Duration::from_secs(3600);

/// The queue and a client of it.
pub(super) struct Stage<'a> {
    pub(super) client: &'a Client,
    pub(super) orchestrator: &'a Orchestrator,
    pub(super) pace: &'a Pace,
}

impl Stage<'_> {
    /// `POOL_UNREADY`, by every pool.
    pub(super) async fn unready_pools(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        for pool in self.orchestrator.pools() {
            self.refused(&task(pool), 503, "POOL_UNREADY", out).await?;
        }
        Ok(())
    }

    /// The refusals that do not depend on a queue.
    pub(super) async fn refusals(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let no_prompt = json!({ "engine": "vllm", "max_tokens": 8 });
        self.refused(&no_prompt, 400, "INVALID_PARAMS", out).await?;
        let no_pool = json!({ "engine": "vllm", "pool": "attic", "prompt": "Is anyone there?" });
        self.refused(&no_pool, 404, "POOL_UNAVAILABLE", out).await?;
        let too_long = json!({ "engine": "tgi", "prompt": "A long story.", "max_tokens": 4000 });
        self.refused(&too_long, 503, "REPLICA_EXHAUSTED", out).await
    }

    /// Each policy, on a full queue.
    pub(super) async fn policies(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let pool = self.pool(fleet::CHAT)?;
        let hold = pool.hold();
        let waiting = self.fill(pool, pool.queue_capacity()).await?;
        self.refused(&task(pool), 429, "ADMISSION_REJECT", out).await?;
        self.release(hold, &waiting).await?;

        let pool = self.pool(fleet::CODE)?;
        let hold = pool.hold();
        let mut waiting = self.fill(pool, pool.queue_capacity()).await?;
        waiting.push(self.submit(&task(pool)).await?);
        self.ends(&waiting.remove(0), "rejected", "QUEUE_FULL_DROP_LRU", out).await?;
        self.release(hold, &waiting).await?;

        let pool = self.pool(fleet::SUMMARIES)?;
        let hold = pool.hold();
        let mut waiting = self.fill(pool, pool.queue_capacity() - 1).await?;
        let least_urgent = self.submit(&with(task(pool), "priority", "low")).await?;
        waiting.push(self.submit(&with(task(pool), "priority", "high")).await?);
        self.ends(&least_urgent, "rejected", "ADMISSION_REJECT", out).await?;
        self.release(hold, &waiting).await
    }

    /// The cancellation of a waiting and of a running task, by the user and by the watchdog.
    pub(super) async fn cancellations(&self, out: &mut dyn Write) -> anyhow::Result<()> {
        let pool = self.pool(fleet::REPORTS)?;
        let hold = pool.hold();
        let id = self.submit(&task(pool)).await?;
        self.cancel(&id).await?;
        self.ends(&id, "canceled", "user", out).await?;
        let id = self.submit(&with(task(pool), "timeout_ms", 50)).await?;
        self.ends(&id, "canceled", "watchdog", out).await?;
        drop(hold);

        self.pace.set(FOREVER);
        let id = self.submit(&task(pool)).await?;
        self.starts(&id).await?;
        self.cancel(&id).await?;
        self.ends(&id, "canceled", "user", out).await?;
        let id = self.submit(&with(task(pool), "timeout_ms", 1000)).await?;
        self.starts(&id).await?;
        self.ends(&id, "canceled", "watchdog", out).await?;
        self.pace.set(Duration::ZERO);
        Ok(())
    }

    fn pool(&self, name: &str) -> anyhow::Result<&Arc<Pool>> {
        self.orchestrator.pool(name).with_context(|| format!("there is no pool `{name}`"))
    }

    async fn submit(&self, task: &Value) -> anyhow::Result<String> {
        self.client.submit(task).await?.accepted_id()
    }

    async fn fill(&self, pool: &Pool, tasks: usize) -> anyhow::Result<Vec<String>> {
        let mut ids = Vec::new();
        for _ in 0..tasks {
            ids.push(self.submit(&task(pool)).await?);
        }
        Ok(ids)
    }

    async fn release(&self, hold: Hold, waiting: &[String]) -> anyhow::Result<()> {
        drop(hold);
        for id in waiting {
            let end = self.client.follow(id).await?.last().await?;
            ensure!(end.name == "done", "{id} ended as {} {}", end.name, end.data);
        }
        Ok(())
    }

    async fn cancel(&self, id: &str) -> anyhow::Result<()> {
        let reply = self.client.cancel(id).await?;
        ensure!(reply.status == StatusCode::ACCEPTED, "cannot cancel {id}: {} {}", reply.status, reply.text);
        Ok(())
    }

    async fn refused(&self, task: &Value, status: u16, reason: &str, out: &mut dyn Write) -> anyhow::Result<()> {
        let reply = self.client.submit(task).await?;
        let refused = reply.status.as_u16() == status && reply.reason().as_deref() == Some(reason);
        ensure!(refused, "expected {status} {reason} for {task}, got {} {}", reply.status, reply.text);
        let body = reply.json()?;
        let message = body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
        screen::write(out, 2, format_args!("{status} {reason}: {message}"))?;
        Ok(())
    }

    async fn starts(&self, id: &str) -> anyhow::Result<()> {
        let first = self.client.follow(id).await?.next().await?;
        ensure!(first.as_ref().is_some_and(|event| event.name == "token"), "{id} began with {first:?}");
        Ok(())
    }

    async fn ends(&self, id: &str, name: &str, reason: &str, out: &mut dyn Write) -> anyhow::Result<()> {
        let events = self.client.follow(id).await?.rest().await?;
        let (end, tokens) = events.split_last().context("the stream is empty")?;
        let found = end.data.pointer("/error/reason").or_else(|| end.data.get("reason"));
        let as_expected = end.name == name && found.and_then(Value::as_str) == Some(reason);
        ensure!(as_expected, "expected {id} to end as {name} {reason}, got {} {}", end.name, end.data);
        let state = if tokens.is_empty() { "waiting" } else { "running" };
        screen::write(out, 2, format_args!("{name} {reason}: {id}, while it was {state}"))?;
        Ok(())
    }
}

fn task(pool: &Pool) -> Value {
    json!({ "engine": pool.engine().as_str(), "pool": pool.name(), "prompt": "The queue is", "max_tokens": 8 })
}

fn with(mut task: Value, field: &str, value: impl Into<Value>) -> Value {
    task[field] = value.into();
    task
}
