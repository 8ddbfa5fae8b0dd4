//! A task: its request, its replica, its progress, and the stream of its events.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::Stream;
use futures_util::stream;
use orchq_metrics::v1::{CancelReason, Priority, RejectReason};
use tokio::sync::watch;

use crate::backend::Backend;
use crate::engine::Usage;

/// The id of a task within one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskId(pub(crate) u64);

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "task-{}", self.0)
    }
}

impl FromStr for TaskId {
    type Err = UnknownForm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.strip_prefix("task-").ok_or(UnknownForm)?;
        number.parse().map(Self).map_err(|_| UnknownForm)
    }
}

/// The message about a text that is not one of these words.
pub(crate) fn not_one_of(text: &str, what: &str, words: &[impl fmt::Display]) -> String {
    let words: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    format!("`{text}` is not {what}; use {}", words.join(", "))
}

/// A text that is not a [`TaskId`] or a [`Level`].
#[derive(Debug, thiserror::Error)]
#[error("not of a known form")]
pub struct UnknownForm;

/// How urgent a task is; the most urgent comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Goes before everything else.
    High,
    /// The default.
    Normal,
    /// Goes last, and is shed first.
    Low,
}

impl Level {
    /// Every level, the most urgent first.
    pub const ALL: [Self; 3] = [Self::High, Self::Normal, Self::Low];

    /// The level as requests and metrics spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }
}

impl FromStr for Level {
    type Err = UnknownForm;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|level| level.as_str() == text).ok_or(UnknownForm)
    }
}

/// What is known at admission and never changes.
#[derive(Debug, Clone)]
pub struct TaskSpec {
    /// The task's id.
    pub id: TaskId,
    /// The name of the pool that admitted it.
    pub pool: Arc<str>,
    /// The replica that it was placed on.
    pub backend: Arc<Backend>,
    /// Its urgency.
    pub level: Level,
    /// Its urgency, as the metrics know it.
    pub priority: Priority,
    /// The text to continue.
    pub prompt: String,
    /// How many tokens the prompt takes, by the queue's estimate.
    pub prompt_tokens: u64,
    /// The length that the answer may reach.
    pub max_tokens: u64,
    /// When it was admitted.
    pub admitted: Instant,
    /// When the watchdog gives it up.
    pub deadline: Instant,
}

impl TaskSpec {
    /// The most tokens that the task may hold in a KV cache.
    pub fn token_need(&self) -> u64 {
        self.prompt_tokens + self.max_tokens
    }
}

/// How a task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The engine gave its whole answer, in this time.
    Done {
        /// The decode time of the full stream.
        decode: Duration,
        /// The number of tokens, if the engine reports it.
        usage: Option<Usage>,
    },
    /// It was canceled, waiting or running.
    Canceled(CancelReason),
    /// It was admitted, and later evicted from the queue for another task.
    Evicted(RejectReason),
}

#[derive(Debug, Clone, Copy)]
enum Stage {
    Waiting,
    Running,
    Ended(Outcome),
}

#[derive(Debug)]
struct Progress {
    stage: Stage,
    cancel: Option<CancelReason>,
    failure: Option<Arc<str>>,
    tokens: Vec<Arc<str>>,
}

/// What a follower of a task receives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskEvent {
    /// The next piece of the answer.
    Token {
        /// Its index in the answer, from 0.
        index: usize,
        /// Its text, with the space before it.
        text: Arc<str>,
    },
    /// The last event of every task.
    Ended(Outcome),
}

/// An admitted task, shared by the queue, the slot that runs it, and its followers.
#[derive(Debug)]
pub struct Task {
    spec: TaskSpec,
    // One lock for everything that changes, so that a cancellation and the last token cannot both win.
    progress: watch::Sender<Progress>,
}

impl Task {
    /// A task that waits.
    pub fn new(spec: TaskSpec) -> Self {
        let progress = Progress { stage: Stage::Waiting, cancel: None, failure: None, tokens: Vec::new() };
        Self { spec, progress: watch::Sender::new(progress) }
    }

    /// What was known at admission.
    pub fn spec(&self) -> &TaskSpec {
        &self.spec
    }

    /// How the task ended, if it did.
    pub fn outcome(&self) -> Option<Outcome> {
        match self.progress.borrow().stage {
            Stage::Ended(outcome) => Some(outcome),
            Stage::Waiting | Stage::Running => None,
        }
    }

    /// The engine's error, if the task ended with one.
    pub fn failure(&self) -> Option<Arc<str>> {
        self.progress.borrow().failure.clone()
    }

    /// How many pieces of the answer there are so far; of most engines a piece is a token.
    pub fn tokens_out(&self) -> usize {
        self.progress.borrow().tokens.len()
    }

    /// Marks the task as taken by a slot.
    pub fn set_running(&self) {
        self.progress.send_modify(|progress| progress.stage = Stage::Running);
    }

    /// Adds a piece of the answer.
    pub fn push_token(&self, text: String) {
        self.progress.send_modify(|progress| progress.tokens.push(text.into()));
    }

    /// Asks the slot that runs the task to stop. False if the task has ended; true means that it will end as canceled.
    pub fn request_cancel(&self, reason: CancelReason) -> bool {
        let mut accepted = false;
        self.progress.send_if_modified(|progress| {
            accepted = !matches!(progress.stage, Stage::Ended(_));
            let first = accepted && progress.cancel.is_none();
            if first {
                progress.cancel = Some(reason);
            }
            first
        });
        accepted
    }

    /// Waits until someone asks for the task to stop.
    pub async fn cancel_requested(&self) {
        // It fails only when the sender is gone, and `self` holds the sender.
        let _ = self.progress.subscribe().wait_for(|progress| progress.cancel.is_some()).await;
    }

    /// Ends the task, unless it has ended. An accepted cancellation takes precedence over `outcome`.
    ///
    /// `record` gets the final outcome before any follower does: a client that has read the end of a stream finds it
    /// counted.
    pub fn end(&self, outcome: Outcome, record: impl FnOnce(Outcome)) {
        self.progress.send_if_modified(|progress| {
            if let Stage::Ended(_) = progress.stage {
                return false;
            }
            let outcome = progress.cancel.map_or(outcome, Outcome::Canceled);
            record(outcome);
            progress.stage = Stage::Ended(outcome);
            true
        });
    }

    /// Ends the task because its engine failed, unless it has ended or a cancellation was accepted.
    ///
    /// The contract has no reason for a failure: the task counts as canceled by the watchdog, and its followers get the
    /// error.
    pub fn fail(&self, failure: &str, record: impl FnOnce(Outcome)) {
        self.progress.send_if_modified(|progress| {
            if !matches!(progress.stage, Stage::Ended(_)) && progress.cancel.is_none() {
                progress.failure = Some(failure.into());
            }
            false
        });
        self.end(Outcome::Canceled(CancelReason::Watchdog), record);
    }

    /// The task's events from the first one on, for any number of followers at any time.
    pub fn follow(self: Arc<Self>) -> impl Stream<Item = TaskEvent> + Send + 'static {
        let progress = self.progress.subscribe();
        stream::unfold(Some((self, progress, 0)), |state| async move {
            let (task, mut progress, seen) = state?;
            // As in `cancel_requested`, the sender cannot be gone.
            let (token, stage) = {
                let news = |p: &Progress| p.tokens.len() > seen || matches!(p.stage, Stage::Ended(_));
                let now = progress.wait_for(|p| news(p)).await.ok()?;
                (now.tokens.get(seen).cloned(), now.stage)
            };
            match (token, stage) {
                (Some(text), _) => {
                    let event = TaskEvent::Token { index: seen, text };
                    Some((event, Some((task, progress, seen + 1))))
                }
                (None, Stage::Ended(outcome)) => Some((TaskEvent::Ended(outcome), None)),
                (None, Stage::Waiting | Stage::Running) => None,
            }
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use futures_util::StreamExt as _;
    use orchq_metrics::v1::{EngineBuild, Pool, Replica};

    use super::*;
    use crate::engine::ngram::{NgramEngine, NgramModel};

    pub(crate) fn backend(pool: &str, name: &str) -> Arc<Backend> {
        let labels = Replica::new(Pool::new(EngineBuild::vllm("0.6.3"), pool), name);
        let model = NgramModel::train("a text").unwrap();
        let engine = NgramEngine::new(Arc::new(model), Arc::default(), 1);
        Arc::new(Backend::new(name, Arc::new(engine), Some(labels)))
    }

    pub(crate) fn spec(id: u64, level: Level) -> TaskSpec {
        TaskSpec {
            id: TaskId(id),
            pool: "task-tests".into(),
            backend: backend("task-tests", "r0"),
            level,
            priority: Priority::new(level.as_str()),
            prompt: String::new(),
            prompt_tokens: 3,
            max_tokens: 5,
            admitted: Instant::now(),
            deadline: Instant::now(),
        }
    }

    const DONE: Outcome = Outcome::Done { decode: Duration::ZERO, usage: None };

    #[test]
    fn an_id_is_read_as_it_is_written() {
        assert_eq!("task-17".parse::<TaskId>().unwrap().to_string(), "task-17");
        assert!("17".parse::<TaskId>().is_err());
        assert!("task-x".parse::<TaskId>().is_err());
    }

    #[test]
    fn an_accepted_cancellation_wins_over_the_last_token() {
        let task = Task::new(spec(1, Level::Normal));
        task.set_running();
        assert!(task.request_cancel(CancelReason::User));
        assert!(task.request_cancel(CancelReason::Watchdog), "accepted, but the first reason stays");
        task.end(DONE, |outcome| assert_eq!(outcome, Outcome::Canceled(CancelReason::User)));
        assert_eq!(task.outcome(), Some(Outcome::Canceled(CancelReason::User)));
    }

    #[test]
    fn a_task_ends_once() {
        let task = Task::new(spec(1, Level::Normal));
        task.end(DONE, |_| ());
        task.end(Outcome::Canceled(CancelReason::User), |_| panic!("recorded twice"));
        assert_eq!(task.outcome(), Some(DONE));
        assert!(!task.request_cancel(CancelReason::User));
    }

    #[test]
    fn a_failure_is_reported_unless_a_cancellation_was_accepted() {
        let task = Task::new(spec(1, Level::Normal));
        task.fail("no more memory", |_| ());
        assert_eq!(task.outcome(), Some(Outcome::Canceled(CancelReason::Watchdog)));
        assert_eq!(task.failure().as_deref(), Some("no more memory"));

        let task = Task::new(spec(2, Level::Normal));
        task.request_cancel(CancelReason::User);
        task.fail("too late", |_| ());
        assert_eq!((task.outcome(), task.failure()), (Some(Outcome::Canceled(CancelReason::User)), None));
    }

    #[tokio::test]
    async fn early_and_late_followers_see_the_same() {
        let task = Arc::new(Task::new(spec(1, Level::Normal)));
        let early = tokio::spawn(Arc::clone(&task).follow().collect::<Vec<_>>());
        tokio::task::yield_now().await;
        task.push_token(" a".to_owned());
        tokio::task::yield_now().await;
        task.push_token(" b".to_owned());
        task.end(DONE, |_| ());
        let late: Vec<_> = Arc::clone(&task).follow().collect().await;
        let expected = [
            TaskEvent::Token { index: 0, text: " a".into() },
            TaskEvent::Token { index: 1, text: " b".into() },
            TaskEvent::Ended(DONE),
        ];
        assert_eq!(late, expected);
        assert_eq!(early.await.unwrap(), expected);
    }
}
