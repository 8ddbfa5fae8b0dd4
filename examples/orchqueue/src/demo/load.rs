//! The load: prompts from the corpus, over every pool and every priority.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use indicatif::ProgressBar;
use orchq_metrics::v1::Engine;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::Client;
use crate::engine::ngram::CORPUS;
use crate::scrape::Scrape;
use crate::task::Level;

const MAX_TOKENS: u64 = 16;

static PROMPTS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let sentences = CORPUS.split_inclusive(['.', '\n']).map(str::trim);
    sentences.filter(|sentence| !sentence.is_empty()).collect()
});

/// What went over the wire.
#[derive(Debug, Default)]
pub(super) struct Load {
    prompts: usize,
    tokens_in: u64,
    tokens_out: u64,
    time: Duration,
    example: String,
}

/// Sends `prompts` prompts from `clients` clients, and follows each to its end.
pub(super) async fn drive(client: &Client, prompts: usize, clients: usize, bar: &ProgressBar) -> anyhow::Result<Load> {
    let started = Instant::now();
    let next = Arc::new(AtomicUsize::new(0));
    let mut running = JoinSet::new();
    for _ in 0..clients {
        let (client, next, bar) = (client.clone(), Arc::clone(&next), bar.clone());
        running.spawn(async move {
            let mut load = Load::default();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= prompts {
                    return anyhow::Ok(load);
                }
                load.prompt(&client, number).await.with_context(|| format!("prompt {number}"))?;
                bar.inc(1);
            }
        });
    }
    let mut total = Load::default();
    while let Some(load) = running.join_next().await {
        total.add(load??);
    }
    total.time = started.elapsed();
    Ok(total)
}

impl Load {
    async fn prompt(&mut self, client: &Client, number: usize) -> anyhow::Result<()> {
        let prompt = PROMPTS[number % PROMPTS.len()];
        let task = json!({
            "engine": Engine::ALL[number % Engine::ALL.len()].as_str(),
            "prompt": prompt,
            "max_tokens": MAX_TOKENS,
            "priority": Level::ALL[number % Level::ALL.len()].as_str(),
        });
        let id = client.submit(&task).await?.accepted_id()?;
        let mut events = client.follow(&id).await?.rest().await?;
        let end = events.pop().context("the stream is empty")?;
        ensure!(end.name == "done", "the task ended as {} {}", end.name, end.data);
        let figure = |name: &str| end.data.get(name).and_then(Value::as_u64);
        ensure!(figure("tokens_out") == Some(events.len() as u64), "{} does not match the stream", end.data);
        self.prompts += 1;
        self.tokens_in += figure("tokens_in").context("tokens_in is missing")?;
        self.tokens_out += events.len() as u64;
        if self.example.is_empty() {
            let text = events.iter().filter_map(|event| event.data.get("text")?.as_str());
            self.example = format!("{prompt}{}", text.collect::<String>());
        }
        Ok(())
    }

    fn add(&mut self, other: Self) {
        self.prompts += other.prompts;
        self.tokens_in += other.tokens_in;
        self.tokens_out += other.tokens_out;
        if self.example.is_empty() {
            self.example = other.example;
        }
    }

    /// Compares the metrics with what went over the wire. They are equal, because nothing else has run in this process
    /// yet.
    pub(super) fn compare(&self, scrape: &Scrape) -> Vec<String> {
        let sent = [
            ("tasks_enqueued_total", self.prompts as u64),
            ("tasks_started_total", self.prompts as u64),
            ("tokens_in_total", self.tokens_in),
            ("tokens_out_total", self.tokens_out),
        ];
        let differs = sent.into_iter().filter(|&(name, sent)| scrape.sum(name, &[]) != sent as f64);
        differs.map(|(name, sent)| format!("{name} counts {}, and {sent} were sent", scrape.sum(name, &[]))).collect()
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prompts, tokens_in, tokens_out, time, example } = self;
        writeln!(f, "{prompts} prompts, {tokens_in} tokens in and {tokens_out} out, in {:.1} s", time.as_secs_f64())?;
        write!(f, "one answer: {example}")
    }
}
