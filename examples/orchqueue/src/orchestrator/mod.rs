//! The orchestrator: admits tasks to pools, finds every task by its id, and cancels overdue ones.

mod config;
mod notice;
mod pool;
mod queue;
mod rejection;
mod watch;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use orchq_metrics::v1::{self, CancelReason, RejectReason};
use tokio::time::MissedTickBehavior;

pub use config::{Build, Config, ConfigError, PoolConfig, SCRAPE_INTERVAL};
pub use notice::{Notice, OnNotice, ReplicaEvent};
pub use pool::{Hold, Pool, Readiness};
pub use rejection::Rejection;

use crate::task::{Level, Task, TaskId};
use rejection::count_rejection;

/// How often the watchdog looks for overdue tasks, and so how late it may be.
const WATCHDOG_PERIOD: Duration = Duration::from_millis(10);

/// A well-formed request for a task.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The engine that should run it.
    pub engine: v1::Engine,
    /// The pool that should run it; otherwise any pool of that engine.
    pub pool: Option<String>,
    /// The text to continue.
    pub prompt: String,
    /// The length that the answer may reach.
    pub max_tokens: u64,
    /// Its urgency.
    pub level: Level,
    /// How long after its admission the watchdog gives it up.
    pub timeout: Duration,
}

/// Why a task could not be canceled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CancelError {
    /// There is no such task, or it was forgotten.
    #[error("unknown task")]
    Unknown,
    /// The task has ended before.
    #[error("the task has ended")]
    Ended,
}

/// The control plane: every pool, and every task by its id.
pub struct Orchestrator {
    pools: Vec<Arc<Pool>>,
    /// In the order of admission, as the ids count up.
    tasks: Mutex<BTreeMap<TaskId, Arc<Task>>>,
    table_size: usize,
    last_id: AtomicU64,
}

impl Orchestrator {
    /// Starts the slots of every pool and the watchdog on the current runtime; the pools are still
    /// [warming](Readiness::Warming).
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn start(config: Config) -> Result<Arc<Self>, ConfigError> {
        Self::start_with_notices(config, Arc::new(|_| ()))
    }

    /// As [`start`](Self::start), with a receiver of the notices for the operator.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime.
    pub fn start_with_notices(config: Config, on_notice: OnNotice) -> Result<Arc<Self>, ConfigError> {
        config.validate()?;
        let table_size = config.table_size();
        let start_pool = |config: PoolConfig| {
            let slots_per_replica = config.slots_per_replica;
            let pool = Arc::new(Pool::new(config, Arc::clone(&on_notice)));
            pool.spawn_slots(slots_per_replica);
            pool
        };
        let orchestrator = Arc::new(Self {
            pools: config.pools.into_iter().map(start_pool).collect(),
            tasks: Mutex::default(),
            table_size,
            last_id: AtomicU64::new(0),
        });
        tokio::spawn(watch_deadlines(Arc::downgrade(&orchestrator)));
        Ok(orchestrator)
    }

    /// Opens each pool when one of its engines has answered a first prompt. Returns when all engines have: one that
    /// cannot be reached is tried again and again.
    pub async fn warm_up(&self) {
        join_all(self.pools.iter().map(|pool| pool.warm_up())).await;
    }

    /// Admits nothing more, and waits for the tasks that were admitted.
    pub async fn drain(&self) {
        join_all(self.pools.iter().map(|pool| pool.drain())).await;
    }

    /// The pools, in the order of their configuration.
    pub fn pools(&self) -> &[Arc<Pool>] {
        &self.pools
    }

    /// The pool of that name.
    pub fn pool(&self, name: &str) -> Option<&Arc<Pool>> {
        self.pools.iter().find(|pool| pool.name() == name)
    }

    /// The replicas of every pool, as the metrics label them, without those whose engine has not reported its version
    /// yet.
    pub fn replicas(&self) -> impl Iterator<Item = v1::Replica> {
        self.pools.iter().flat_map(|pool| pool.replicas())
    }

    /// The task with that id, as long as it is kept.
    pub fn task(&self, id: TaskId) -> Option<Arc<Task>> {
        self.tasks().get(&id).cloned()
    }

    /// Admits a task, or counts its rejection.
    pub fn submit(&self, request: Submission) -> Result<Arc<Task>, Rejection> {
        let engine = request.engine;
        let id = TaskId(self.last_id.fetch_add(1, Ordering::Relaxed) + 1);
        let task = self
            .pool_for(&request)
            .and_then(|pool| pool.admit(id, request))
            .inspect_err(|rejection| count_rejection(rejection.reason, engine))?;
        self.remember(Arc::clone(&task));
        Ok(task)
    }

    /// Counts a request that is too malformed to be submitted. If its engine cannot be read, the engine of the first
    /// pool is counted, because the label has no value for "none".
    pub fn reject_invalid(&self, engine: Option<v1::Engine>, message: impl Into<String>) -> Rejection {
        let engine = engine.unwrap_or_else(|| self.pools[0].engine());
        count_rejection(RejectReason::InvalidParams, engine);
        Rejection::new(RejectReason::InvalidParams, message)
    }

    /// Cancels a task, waiting or running.
    pub fn cancel(&self, id: TaskId, reason: CancelReason) -> Result<(), CancelError> {
        let task = self.task(id).ok_or(CancelError::Unknown)?;
        let pool = self.pool(&task.spec().pool).ok_or(CancelError::Unknown)?;
        if pool.cancel(&task, reason) { Ok(()) } else { Err(CancelError::Ended) }
    }

    fn pool_for(&self, request: &Submission) -> Result<&Arc<Pool>, Rejection> {
        let engine = request.engine;
        let unavailable = |message| Rejection::new(RejectReason::PoolUnavailable, message);
        let Some(name) = &request.pool else {
            let mut serving = self.pools.iter().filter(|pool| pool.engine() == engine);
            let first = serving.clone().next();
            return serving
                .find(|pool| pool.admits())
                .or(first)
                .ok_or_else(|| unavailable(format!("no pool serves {engine}; GET /healthz lists the pools")));
        };
        let pool = self
            .pool(name)
            .ok_or_else(|| unavailable(format!("there is no pool `{name}`; GET /healthz lists the pools")))?;
        if pool.engine() == engine {
            Ok(pool)
        } else {
            let serves = pool.engine();
            Err(unavailable(format!("pool `{name}` serves {serves}, not {engine}; ask for one of the two")))
        }
    }

    /// Adds a task. If the table is full, the oldest ended task is forgotten.
    fn remember(&self, task: Arc<Task>) {
        let mut tasks = self.tasks();
        if tasks.len() >= self.table_size {
            let oldest = tasks.iter().find(|(_, task)| task.outcome().is_some()).map(|(&id, _)| id);
            if let Some(id) = oldest {
                tasks.remove(&id);
            }
        }
        tasks.insert(task.spec().id, task);
    }

    fn cancel_overdue(&self, now: Instant) {
        let overdue: Vec<_> = {
            let tasks = self.tasks();
            tasks.values().filter(|t| t.spec().deadline <= now && t.outcome().is_none()).cloned().collect()
        };
        for task in overdue {
            // A task that ends meanwhile needs no cancellation.
            let _ = self.cancel(task.spec().id, CancelReason::Watchdog);
        }
    }

    fn tasks(&self) -> MutexGuard<'_, BTreeMap<TaskId, Arc<Task>>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Orchestrator {
    fn drop(&mut self) {
        self.pools.iter().for_each(|pool| pool.close());
    }
}

/// The watchdog: cancels every task that is past its deadline, until the orchestrator is gone.
async fn watch_deadlines(orchestrator: Weak<Orchestrator>) {
    let mut rounds = tokio::time::interval(WATCHDOG_PERIOD);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        match orchestrator.upgrade() {
            Some(orchestrator) => orchestrator.cancel_overdue(Instant::now()),
            None => return,
        }
    }
}
