//! A pool: its queue, its admission, and the placement on its replicas.

mod replicas;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use orchq_metrics::emits;
use orchq_metrics::v1::{
    self, CancelReason, Model, Policy, Priority, RejectReason, Replica, admission_backpressure_events_total,
    queue_depth, tasks_canceled_total, tasks_enqueued_total,
};
use tokio::sync::watch;

use super::Submission;
use super::config::{Build, PoolConfig};
use super::notice::{Notice, OnNotice, ReplicaEvent};
use super::queue::Queue;
use super::rejection::{Rejection, count_rejection};
use crate::backend::Backend;
use crate::engine::EngineError;
use crate::task::{Level, Outcome, Task, TaskId, TaskSpec};
use crate::worker::{KvCache, Slot, TaskSource};

/// Whether a pool admits tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// Not yet: no engine has answered its first prompt.
    Warming,
    /// Yes.
    Ready,
    /// Not now: no engine answers.
    Unready,
    /// No longer: only the admitted tasks are still processed.
    Draining,
}

impl Readiness {
    /// The state in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warming => "warming",
            Self::Ready => "ready",
            Self::Unready => "unready",
            Self::Draining => "draining",
        }
    }
}

/// Replicas of one engine that share a queue.
pub struct Pool {
    name: Arc<str>,
    build: Build,
    model: Option<Model>,
    priorities: [Priority; Level::ALL.len()],
    policy: Policy,
    queue_capacity: usize,
    context_tokens: u64,
    scrape_interval: Duration,
    backends: Vec<Arc<Backend>>,
    on_notice: OnNotice,
    state: Mutex<State>,
    /// Wakes the slots and drains that wait, so that they look again.
    changed: watch::Sender<()>,
}

struct State {
    readiness: Readiness,
    /// The pool's labels, which are those of its first replica; `None` until an engine has reported its version.
    labels: Option<v1::Pool>,
    /// The number of [`Hold`]s.
    held: usize,
    queue: Queue,
    /// By replica, in the order of the backends.
    replicas: Vec<Load>,
}

#[derive(Clone, Copy)]
struct Load {
    /// It takes tasks.
    up: bool,
    /// Tokens that the admitted, not yet ended tasks may take.
    outstanding: u64,
}

impl Pool {
    pub(super) fn new(config: PoolConfig, on_notice: OnNotice) -> Self {
        let known = match config.build {
            Build::Known(build) => Some(labels(v1::Pool::new(build, config.name.as_str()), config.model)),
            Build::Reported { .. } => None,
        };
        let backend = |(index, engine)| {
            let name = format!("{}-{index}", config.name);
            let replica = known.map(|pool| Replica::new(pool, name.as_str()));
            Arc::new(Backend::new(name, engine, replica))
        };
        let backends: Vec<_> = config.engines.into_iter().enumerate().map(backend).collect();
        let pool = Self {
            name: config.name.into(),
            build: config.build,
            model: config.model,
            priorities: Level::ALL.map(|level| Priority::new(level.as_str())),
            policy: config.policy,
            queue_capacity: config.queue_capacity,
            context_tokens: config.context_tokens,
            scrape_interval: config.scrape_interval,
            on_notice,
            state: Mutex::new(State {
                readiness: Readiness::Warming,
                labels: known,
                held: 0,
                queue: Queue::default(),
                replicas: vec![Load { up: false, outstanding: 0 }; backends.len()],
            }),
            backends,
            changed: watch::Sender::new(()),
        };
        for level in Level::ALL {
            pool.publish_depth(&pool.state(), level);
        }
        pool
    }

    pub(super) fn spawn_slots(self: &Arc<Self>, slots_per_replica: usize) {
        for backend in &self.backends {
            // An engine that reports its own cache has labels that can change; this cache's labels cannot.
            let of_worker = backend.labels().filter(|_| backend.engine().native().is_none());
            let capacity = self.context_tokens * slots_per_replica as u64;
            let kv_cache = of_worker.map(|replica| KvCache::new(replica, capacity));
            for _ in 0..slots_per_replica {
                let slot = Slot::new(Arc::clone(backend), kv_cache.clone());
                tokio::spawn(slot.serve(Arc::clone(self)));
            }
        }
    }

    /// The pool's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The engine that the pool's replicas run.
    pub fn engine(&self) -> v1::Engine {
        self.build.engine()
    }

    /// The pool's replicas, as the metrics label them, without those whose engine has not reported its version yet.
    pub fn replicas(&self) -> impl Iterator<Item = Replica> {
        self.backends.iter().filter_map(|backend| backend.labels())
    }

    pub(super) fn scrape_interval(&self) -> Duration {
        self.scrape_interval
    }

    pub(super) fn notify(&self, notice: &Notice) {
        (self.on_notice)(notice);
    }

    /// How many tasks may wait.
    pub fn queue_capacity(&self) -> usize {
        self.queue_capacity
    }

    /// How many tasks wait.
    pub fn waiting(&self) -> usize {
        self.state().queue.len()
    }

    /// Whether the pool admits tasks.
    pub fn readiness(&self) -> Readiness {
        let state = self.state();
        let unready = state.readiness == Readiness::Ready && !state.replicas.iter().any(|load| load.up);
        if unready { Readiness::Unready } else { state.readiness }
    }

    /// Whether the pool admits tasks at this moment.
    pub fn admits(&self) -> bool {
        self.readiness() == Readiness::Ready
    }

    /// Keeps the slots from taking further tasks until the result is dropped: the queue then only grows. Running tasks
    /// continue, and a drain overrides it.
    pub fn hold(self: &Arc<Self>) -> Hold {
        self.state().held += 1;
        Hold(Arc::clone(self))
    }

    /// Admits no more tasks; the slots stop when the queue is empty.
    pub(super) fn close(&self) {
        self.state().readiness = Readiness::Draining;
        self.changed.send_replace(());
    }

    /// Admits no more tasks, and waits until the last admitted one has ended. The watchdog bounds the wait.
    pub async fn drain(&self) {
        let mut changed = self.changed.subscribe();
        self.close();
        while self.state().replicas.iter().any(|load| load.outstanding > 0) {
            if changed.changed().await.is_err() {
                break;
            }
        }
    }

    /// Admits a task to the queue and places it on a replica, or returns the reason why not.
    pub(super) fn admit(&self, id: TaskId, request: Submission) -> Result<Arc<Task>, Rejection> {
        // All engines of a pool are of one kind and count the same way.
        let counted = self.backends.first().map(|backend| backend.engine().count_tokens(&request.prompt));
        let prompt_tokens = counted.unwrap_or_default() as u64;
        let mut state = self.state();
        if state.readiness != Readiness::Ready {
            let message = format!("pool `{}` is {}; try again later", self.name, state.readiness.as_str());
            return Err(Rejection::new(RejectReason::PoolUnready, message));
        }
        let need = prompt_tokens.saturating_add(request.max_tokens);
        if need > self.context_tokens {
            let message = format!(
                "the task needs {need} tokens ({prompt_tokens} of prompt), and no replica of pool `{}` holds more than \
                 {} for one task; shorten the prompt or lower max_tokens",
                self.name, self.context_tokens
            );
            return Err(Rejection::new(RejectReason::ReplicaExhausted, message));
        }
        let Some((index, backend)) = self.least_loaded(&state) else {
            let message = format!("no replica of pool `{}` answers; try again later", self.name);
            return Err(Rejection::new(RejectReason::PoolUnready, message));
        };
        if state.queue.len() >= self.queue_capacity {
            self.make_room(&mut state, request.level)?;
        }
        if let Some(load) = state.replicas.get_mut(index) {
            load.outstanding += need;
        }
        let admitted = Instant::now();
        let task = Arc::new(Task::new(TaskSpec {
            id,
            pool: Arc::clone(&self.name),
            backend: Arc::clone(backend),
            level: request.level,
            priority: self.priorities[request.level as usize],
            prompt: request.prompt,
            prompt_tokens,
            max_tokens: request.max_tokens,
            admitted,
            deadline: admitted + request.timeout,
        }));
        self.enqueue(&mut state, Arc::clone(&task));
        Ok(task)
    }

    /// The replica with the fewest outstanding tokens, of those that take tasks. All have the same capacity.
    fn least_loaded(&self, state: &State) -> Option<(usize, &Arc<Backend>)> {
        let up = self.backends.iter().zip(&state.replicas).enumerate().filter(|(_, (_, load))| load.up);
        up.min_by_key(|(_, (_, load))| load.outstanding).map(|(index, (backend, _))| (index, backend))
    }

    #[emits(tasks_enqueued_total)]
    fn enqueue(&self, state: &mut State, task: Arc<Task>) {
        let &TaskSpec { priority, level, ref backend, .. } = task.spec();
        backend.record(|replica| tasks_enqueued_total { replica, priority }.inc());
        state.queue.push(task);
        self.publish_depth(state, level);
        self.changed.send_replace(());
    }

    /// Applies the pool's policy to a full queue: makes room for a new task of `level`, or rejects it.
    #[emits(admission_backpressure_events_total)]
    fn make_room(&self, state: &mut State, level: Level) -> Result<(), Rejection> {
        admission_backpressure_events_total { engine: self.engine(), policy: self.policy }.inc();
        let (evicted, reason) = match self.policy {
            Policy::Reject => (None, RejectReason::AdmissionReject),
            Policy::DropLru => (state.queue.take_oldest(), RejectReason::QueueFullDropLru),
            Policy::ShedLowPriority => (state.queue.take_below(level), RejectReason::AdmissionReject),
        };
        match evicted {
            Some(task) => {
                self.forget(state, &task);
                task.end(Outcome::Evicted(reason), |_| count_rejection(reason, self.engine()));
                Ok(())
            }
            None => Err(Rejection::new(
                reason,
                format!(
                    "the queue of pool `{}` is full ({} tasks wait); try again later",
                    self.name, self.queue_capacity
                ),
            )),
        }
    }

    /// Cancels a task, waiting or running. False if it has ended.
    #[emits(tasks_canceled_total)]
    pub(super) fn cancel(&self, task: &Task, reason: CancelReason) -> bool {
        let mut state = self.state();
        match state.queue.remove(task.spec().id) {
            Some(task) => {
                self.forget(&mut state, &task);
                let backend = &task.spec().backend;
                task.end(Outcome::Canceled(reason), |_| {
                    backend.record(|replica| tasks_canceled_total { replica, reason }.inc());
                });
                true
            }
            // A task starts under the lock that is held here: one that is not in the queue runs or has ended.
            None => task.request_cancel(reason),
        }
    }

    /// Updates the depth and the load for a task that was taken out of the queue and will not run. Called before the
    /// task ends, so that a client that has read the end finds the queue shorter.
    fn forget(&self, state: &mut State, task: &Task) {
        self.publish_depth(state, task.spec().level);
        self.release(state, task);
    }

    fn release(&self, state: &mut State, task: &Task) {
        let index = self.backends.iter().position(|backend| Arc::ptr_eq(backend, &task.spec().backend));
        if let Some(load) = index.and_then(|index| state.replicas.get_mut(index)) {
            load.outstanding -= task.spec().token_need();
        }
        self.changed.send_replace(());
    }

    fn take(&self, backend: &Arc<Backend>) -> Take {
        let mut state = self.state();
        let draining = state.readiness == Readiness::Draining;
        if state.held > 0 && !draining {
            return Take::Wait;
        }
        match state.queue.take_for(backend) {
            Some(task) => {
                task.set_running();
                self.publish_depth(&state, task.spec().level);
                Take::Run(task)
            }
            None if draining => Take::Stop,
            None => Take::Wait,
        }
    }

    // Takes the locked state, so that the gauge is never behind the queue.
    #[emits(queue_depth)]
    fn publish_depth(&self, state: &State, level: Level) {
        let depth = i64::try_from(state.queue.depth(level)).unwrap_or(i64::MAX);
        if let Some(pool) = state.labels {
            queue_depth { pool, priority: self.priorities[level as usize] }.set(depth);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn labels(pool: v1::Pool, model: Option<Model>) -> v1::Pool {
    model.map_or(pool, |model| pool.with_model(model))
}

enum Take {
    Run(Arc<Task>),
    Wait,
    Stop,
}

impl TaskSource for Pool {
    async fn next(&self, backend: &Arc<Backend>) -> Option<Arc<Task>> {
        // Subscribed before the first look, so that no change in between is missed.
        let mut changed = self.changed.subscribe();
        loop {
            match self.take(backend) {
                Take::Run(task) => return Some(task),
                Take::Stop => return None,
                Take::Wait => changed.changed().await.ok()?,
            }
        }
    }

    fn failed(&self, task: &Task, why: &EngineError) {
        let replica = Arc::clone(task.spec().backend.name());
        self.notify(&Notice { replica, event: ReplicaEvent::TaskFailed(why.to_string()) });
    }

    fn finished(&self, task: &Task) {
        self.release(&mut self.state(), task);
    }
}

/// Keeps a pool's slots idle, see [`Pool::hold`].
#[must_use = "the slots take tasks again when this is dropped"]
pub struct Hold(Arc<Pool>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.state().held -= 1;
        self.0.changed.send_replace(());
    }
}
