//! A worker slot and its decode loop.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use futures_util::{FutureExt as _, StreamExt as _};
use orchq_metrics::emits;
use orchq_metrics::v1::{
    CancelReason, latency_decode_ms, latency_first_token_ms, tasks_canceled_total, tasks_started_total,
    tokens_in_total, tokens_out_total,
};

use super::KvCache;
use crate::backend::Backend;
use crate::engine::{EngineError, Token};
use crate::fetch::FetchError;
use crate::task::{Outcome, Task};

/// Where slots get their tasks.
pub trait TaskSource: Send + Sync + 'static {
    /// The next task that was placed on `backend`; `None` when there will be no more.
    fn next(&self, backend: &Arc<Backend>) -> impl Future<Output = Option<Arc<Task>>> + Send;

    /// Receives the whole error of a failed task; the client gets only a part of it.
    fn failed(&self, task: &Task, why: &EngineError);

    /// Receives each task from [`next`](Self::next) that has ended.
    fn finished(&self, task: &Task);
}

/// One of a replica's slots: it decodes one task at a time.
pub struct Slot {
    backend: Arc<Backend>,
    /// `None` if the engine reports its own cache and counts its tokens itself.
    kv_cache: Option<Arc<KvCache>>,
}

impl Slot {
    /// A slot of `backend`, which shares `kv_cache` with the other slots of that replica. Without it, tokens are not
    /// counted either: both are in the engine's own metrics.
    pub fn new(backend: Arc<Backend>, kv_cache: Option<Arc<KvCache>>) -> Self {
        Self { backend, kv_cache }
    }

    /// Works until the source has no more work.
    pub async fn serve(self, source: Arc<impl TaskSource>) {
        while let Some(task) = source.next(&self.backend).await {
            if AssertUnwindSafe(self.decode(&task, &*source)).catch_unwind().await.is_err() {
                // A panic ends the task, not the slot. The contract has no reason for a failure; the watchdog's is the
                // nearest.
                task.end(Outcome::Canceled(CancelReason::Watchdog), |outcome| self.record_end(&task, outcome));
            }
            source.finished(&task);
        }
    }

    async fn decode(&self, task: &Task, source: &impl TaskSource) {
        self.start(task);
        let spec = task.spec();
        let started = Instant::now();
        let mut lease = self.kv_cache.as_ref().map(|cache| cache.lease(spec.prompt_tokens));
        let max_tokens = usize::try_from(spec.max_tokens).unwrap_or(usize::MAX);
        let mut tokens = self.backend.engine().generate(&spec.prompt, max_tokens);
        let mut first = true;
        let mut usage = None;
        let mut failure = None;
        loop {
            tokio::select! {
                biased;
                () = task.cancel_requested() => break,
                token = tokens.next() => match token {
                    Some(Ok(Token::Text(text))) => {
                        if let Some(lease) = &mut lease {
                            lease.extend(1);
                        }
                        self.deliver(task, text, first);
                        first = false;
                    }
                    Some(Ok(Token::Usage(reported))) => usage = Some(reported),
                    Some(Err(error)) => {
                        failure = Some(error);
                        break;
                    }
                    None => break,
                },
            }
        }
        let decode = started.elapsed();
        // The engine is stopped and the cache free before a client reads of the end.
        drop(tokens);
        drop(lease);
        let unreached = matches!(failure, Some(EngineError::Fetch(FetchError::Unreachable { .. })));
        if unreached || !first || failure.is_none() {
            self.backend.reached(!unreached);
        }
        match failure {
            Some(error) => {
                task.fail(&error.to_client(), |outcome| self.record_end(task, outcome));
                source.failed(task, &error);
            }
            None => task.end(Outcome::Done { decode, usage }, |outcome| self.record_end(task, outcome)),
        }
    }

    #[emits(tasks_started_total, tokens_in_total)]
    fn start(&self, task: &Task) {
        self.backend.record(|replica| {
            tasks_started_total { replica, priority: task.spec().priority }.inc();
            if self.kv_cache.is_some() {
                tokens_in_total { replica }.inc_by(task.spec().prompt_tokens);
            }
        });
    }

    #[emits(tokens_out_total, latency_first_token_ms)]
    fn deliver(&self, task: &Task, text: String, first: bool) {
        let spec = task.spec();
        self.backend.record(|replica| {
            if self.kv_cache.is_some() {
                tokens_out_total { replica }.inc();
            }
            if first {
                latency_first_token_ms { pool: replica.pool(), priority: spec.priority }
                    .observe(spec.admitted.elapsed());
            }
        });
        task.push_token(text);
    }

    // "Decode time for the full stream": a canceled task has no full stream, so it is counted and not timed.
    #[emits(latency_decode_ms, tasks_canceled_total)]
    fn record_end(&self, task: &Task, outcome: Outcome) {
        self.backend.record(|replica| match outcome {
            Outcome::Done { decode, .. } => {
                latency_decode_ms { pool: replica.pool(), priority: task.spec().priority }.observe(decode);
            }
            Outcome::Canceled(reason) => tasks_canceled_total { replica, reason }.inc(),
            // Only the queue evicts, and a task that runs has left the queue.
            Outcome::Evicted(_) => {}
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use futures_util::stream;
    use orchq_metrics::v1::{EngineBuild, Pool, Priority, Replica};

    use super::*;
    use crate::engine::{Engine, TokenStream};
    use crate::task::{Level, TaskId, TaskSpec};

    /// Panics on the prompt "panic", at its second token.
    struct Brittle;

    impl Engine for Brittle {
        fn count_tokens(&self, _: &str) -> usize {
            1
        }

        fn generate(&self, prompt: &str, _: usize) -> TokenStream {
            let panics = prompt == "panic";
            let token = move |n: u8| {
                assert!(n == 0 || !panics, "as asked");
                Ok(Token::Text(n.to_string()))
            };
            stream::iter(0..2).map(token).boxed()
        }
    }

    /// Hands out its tasks once, and counts what it gets back.
    struct Tasks {
        waiting: Mutex<Vec<Arc<Task>>>,
        finished: Mutex<usize>,
    }

    impl TaskSource for Tasks {
        async fn next(&self, _: &Arc<Backend>) -> Option<Arc<Task>> {
            self.waiting.lock().unwrap().pop()
        }

        fn failed(&self, _: &Task, _: &EngineError) {}

        fn finished(&self, _: &Task) {
            *self.finished.lock().unwrap() += 1;
        }
    }

    #[tokio::test]
    async fn an_engine_that_panics_ends_its_task_and_not_the_slot() {
        let replica = Replica::new(Pool::new(EngineBuild::vllm("0.6.3"), "panic-tests"), "r0");
        let backend = Arc::new(Backend::new("r0", Arc::new(Brittle), Some(replica)));
        let task = |id, prompt: &str| {
            Arc::new(Task::new(TaskSpec {
                id: TaskId(id),
                pool: Arc::from("panic-tests"),
                backend: Arc::clone(&backend),
                level: Level::Normal,
                priority: Priority::new("normal"),
                prompt: prompt.to_owned(),
                prompt_tokens: 1,
                max_tokens: 2,
                admitted: Instant::now(),
                deadline: Instant::now() + Duration::from_secs(3600),
            }))
        };
        let (brittle, sound) = (task(1, "panic"), task(2, "go on"));
        let waiting = Mutex::new(vec![Arc::clone(&sound), Arc::clone(&brittle)]);
        let source = Arc::new(Tasks { waiting, finished: Mutex::new(0) });
        Slot::new(backend, Some(KvCache::new(replica, 8))).serve(Arc::clone(&source)).await;
        assert_eq!(brittle.outcome(), Some(Outcome::Canceled(CancelReason::Watchdog)));
        assert!(matches!(sound.outcome(), Some(Outcome::Done { .. })));
        assert_eq!(*source.finished.lock().unwrap(), 2);
    }
}
