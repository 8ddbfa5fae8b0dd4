//! A pool: its queue, its admission, and the placement on its replicas.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use futures_util::StreamExt as _;
use orchq_metrics::emits;
use orchq_metrics::v1::{
    self, CancelReason, Policy, Priority, RejectReason, Replica, admission_backpressure_events_total, queue_depth,
    tasks_canceled_total, tasks_enqueued_total,
};
use tokio::sync::watch;

use super::Submission;
use super::config::PoolConfig;
use super::queue::Queue;
use super::rejection::{Rejection, count_rejection};
use crate::engine::Engine;
use crate::task::{Level, Outcome, Task, TaskId, TaskSpec};
use crate::worker::{KvCache, Slot, TaskSource};

/// Whether a pool admits tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// Not yet: the engine has not answered its first prompt.
    Warming,
    /// Yes.
    Ready,
    /// No more: what was admitted is still worked off.
    Draining,
}

impl Readiness {
    /// The state in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warming => "warming",
            Self::Ready => "ready",
            Self::Draining => "draining",
        }
    }
}

/// Replicas of one engine that share a queue.
pub struct Pool {
    name: Arc<str>,
    labels: v1::Pool,
    priorities: [Priority; Level::ALL.len()],
    engine: Arc<dyn Engine>,
    policy: Policy,
    queue_capacity: usize,
    context_tokens: u64,
    replicas: Vec<(Arc<str>, Replica)>,
    state: Mutex<State>,
    /// Told whenever a slot or a drain that waits should look again.
    changed: watch::Sender<()>,
}

struct State {
    readiness: Readiness,
    /// How many [`Hold`]s there are.
    held: usize,
    queue: Queue,
    /// Tokens that the admitted, not yet ended tasks may take, by replica.
    outstanding: Vec<u64>,
}

impl Pool {
    pub(super) fn new(config: PoolConfig) -> Self {
        let build = v1::Pool::new(config.build, config.name.as_str());
        let labels = config.model.map_or(build, |model| build.with_model(model));
        let replicas = (0..config.replicas)
            .map(|index| format!("{}-{index}", config.name))
            .map(|name| (Arc::from(name.as_str()), Replica::new(labels, name.as_str())))
            .collect();
        let pool = Self {
            name: config.name.into(),
            labels,
            priorities: Level::ALL.map(|level| Priority::new(level.as_str())),
            engine: config.engine,
            policy: config.policy,
            queue_capacity: config.queue_capacity,
            context_tokens: config.context_tokens,
            replicas,
            state: Mutex::new(State {
                readiness: Readiness::Warming,
                held: 0,
                queue: Queue::default(),
                outstanding: vec![0; config.replicas],
            }),
            changed: watch::Sender::new(()),
        };
        for level in Level::ALL {
            pool.publish_depth(&pool.state(), level);
        }
        pool
    }

    pub(super) fn spawn_slots(self: &Arc<Self>, slots_per_replica: usize) {
        for &(_, replica) in &self.replicas {
            let kv_cache = KvCache::new(replica, self.context_tokens * slots_per_replica as u64);
            for _ in 0..slots_per_replica {
                let slot = Slot::new(replica, Arc::clone(&self.engine), Arc::clone(&kv_cache));
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
        self.labels.engine()
    }

    /// The pool's replicas, as the metrics know them.
    pub fn replicas(&self) -> impl Iterator<Item = Replica> {
        self.replicas.iter().map(|&(_, replica)| replica)
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
        self.state().readiness
    }

    /// Lets the engine answer a first prompt, then opens the pool.
    pub async fn warm_up(&self) {
        self.engine.generate("The night shift begins", 8).for_each(async |_| ()).await;
        let mut state = self.state();
        if state.readiness == Readiness::Warming {
            state.readiness = Readiness::Ready;
        }
    }

    /// Keeps the slots from taking further tasks while the result lives: the queue then only grows. Tasks that run go
    /// on, and a drain overrules it.
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
        while self.state().outstanding.iter().any(|&tokens| tokens > 0) {
            if changed.changed().await.is_err() {
                break;
            }
        }
    }

    /// Admits a task to the queue and places it on a replica, or says why not.
    pub(super) fn admit(&self, id: TaskId, request: Submission) -> Result<Arc<Task>, Rejection> {
        let prompt_tokens = self.engine.count_tokens(&request.prompt) as u64;
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
        if state.queue.len() >= self.queue_capacity {
            self.make_room(&mut state, request.level)?;
        }
        let (place, (replica_name, replica)) = self.roomiest(&state);
        state.outstanding[place] += need;
        let admitted = Instant::now();
        let task = Arc::new(Task::new(TaskSpec {
            id,
            pool: Arc::clone(&self.name),
            replica_name: Arc::clone(replica_name),
            replica: *replica,
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

    /// The replica with the fewest outstanding tokens: all have the same capacity.
    fn roomiest(&self, state: &State) -> (usize, &(Arc<str>, Replica)) {
        let by_load = self.replicas.iter().enumerate().min_by_key(|&(index, _)| state.outstanding[index]);
        by_load.expect("a pool has at least one replica, its configuration was validated")
    }

    #[emits(tasks_enqueued_total)]
    fn enqueue(&self, state: &mut State, task: Arc<Task>) {
        let &TaskSpec { replica, priority, level, .. } = task.spec();
        state.queue.push(task);
        tasks_enqueued_total { replica, priority }.inc();
        self.publish_depth(state, level);
        self.changed.send_replace(());
    }

    /// Applies the pool's policy to a full queue: makes room for a newcomer of `level`, or turns it away.
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
                self.leave(state, &task);
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
                self.leave(&mut state, &task);
                let replica = task.spec().replica;
                task.end(Outcome::Canceled(reason), |_| tasks_canceled_total { replica, reason }.inc());
                true
            }
            // A task starts under the lock that is held here: one that does not wait runs or has ended.
            None => task.request_cancel(reason),
        }
    }

    /// Settles the books of a task that was taken out of the queue and will not run. Called before the task ends, so
    /// that whoever has read its end finds the queue shorter.
    fn leave(&self, state: &mut State, task: &Task) {
        self.publish_depth(state, task.spec().level);
        self.release(state, task);
    }

    fn release(&self, state: &mut State, task: &Task) {
        if let Some(place) = self.replicas().position(|replica| replica == task.spec().replica) {
            state.outstanding[place] -= task.spec().token_need();
        }
        self.changed.send_replace(());
    }

    fn take(&self, replica: Replica) -> Take {
        let mut state = self.state();
        let draining = state.readiness == Readiness::Draining;
        if state.held > 0 && !draining {
            return Take::Wait;
        }
        match state.queue.take_for(replica) {
            Some(task) => {
                task.set_running();
                self.publish_depth(&state, task.spec().level);
                Take::Run(task)
            }
            None if draining => Take::Stop,
            None => Take::Wait,
        }
    }

    // Asks for the locked state, so that the gauge is never behind the queue.
    #[emits(queue_depth)]
    fn publish_depth(&self, state: &State, level: Level) {
        let depth = i64::try_from(state.queue.depth(level)).unwrap_or(i64::MAX);
        queue_depth { pool: self.labels, priority: self.priorities[level as usize] }.set(depth);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Take {
    Run(Arc<Task>),
    Wait,
    Stop,
}

impl TaskSource for Pool {
    async fn next(&self, replica: Replica) -> Option<Arc<Task>> {
        // Subscribed before the first look, so that no change in between is missed.
        let mut changed = self.changed.subscribe();
        loop {
            match self.take(replica) {
                Take::Run(task) => return Some(task),
                Take::Stop => return None,
                Take::Wait => changed.changed().await.ok()?,
            }
        }
    }

    fn finished(&self, task: &Task) {
        self.release(&mut self.state(), task);
    }
}

/// Keeps a pool's slots idle, see [`Pool::hold`].
#[must_use = "the pool goes on when this is dropped"]
pub struct Hold(Arc<Pool>);

impl Drop for Hold {
    fn drop(&mut self) {
        self.0.state().held -= 1;
        self.0.changed.send_replace(());
    }
}
