//! A small queue of its own for each test.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use orchq_metrics::v1::{EngineBuild, Policy};
use orchqueue::client::{Client, Event};
use orchqueue::engine::Engine;
use orchqueue::engine::ngram::{CORPUS, NgramEngine, NgramModel, Pace};
use orchqueue::http;
use orchqueue::orchestrator::{Config, Orchestrator, PoolConfig, SCRAPE_INTERVAL};
use orchqueue::scrape::Scrape;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, MutexGuard};

/// How many tasks may wait in a pool of these tests.
pub(crate) const CAPACITY: usize = 4;
/// How many tokens a slot of these tests holds. A replica has one slot, a pool two replicas.
pub(crate) const CONTEXT: u64 = 64;
/// How many ended tasks are remembered.
pub(crate) const RETAINED: usize = 8;
/// Longer than any test.
pub(crate) const FOREVER: Duration = Duration::from_secs(3600);
/// "The queue is" in tokens.
pub(crate) const PROMPT_TOKENS: u64 = 3;

/// The metrics belong to the process. Those before placement carry no pool, so for exact differences the tests take
/// turns; those with a pool are identified by its name, which no two tests share.
static TURN: Mutex<()> = Mutex::const_new(());

pub(crate) struct Queue {
    pub(crate) client: Client,
    pub(crate) orchestrator: Arc<Orchestrator>,
    pub(crate) pace: Arc<Pace>,
    _turn: MutexGuard<'static, ()>,
}

/// One pool of vLLM.
pub(crate) fn vllm(name: &str, policy: Policy) -> [(String, EngineBuild, Policy); 1] {
    [(name.to_owned(), EngineBuild::vllm("0.6.3"), policy)]
}

impl Queue {
    /// A queue whose pools are warm.
    pub(crate) async fn start(pools: impl IntoIterator<Item = (String, EngineBuild, Policy)>) -> Self {
        let queue = Self::cold(pools).await;
        queue.orchestrator.warm_up().await;
        queue
    }

    /// A queue whose pools are still warming.
    pub(crate) async fn cold(pools: impl IntoIterator<Item = (String, EngineBuild, Policy)>) -> Self {
        let turn = TURN.lock().await;
        let pace = Arc::new(Pace::default());
        let model = Arc::new(NgramModel::train(CORPUS).unwrap());
        let engine: Arc<dyn Engine> = Arc::new(NgramEngine::new(model, Arc::clone(&pace), 7));
        let pool = |(name, build, policy): (_, EngineBuild, _)| PoolConfig {
            name,
            build: build.into(),
            model: None,
            engines: vec![Arc::clone(&engine); 2],
            policy,
            queue_capacity: CAPACITY,
            slots_per_replica: 1,
            context_tokens: CONTEXT,
            scrape_interval: SCRAPE_INTERVAL,
        };
        let pools = pools.into_iter().map(pool).collect();
        let orchestrator = Orchestrator::start(Config { pools, retained_tasks: RETAINED }).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let client = Client::new(listener.local_addr().unwrap());
        tokio::spawn(http::serve(listener, Arc::clone(&orchestrator), std::future::pending()));
        Self { client, orchestrator, pace, _turn: turn }
    }

    pub(crate) async fn submit(&self, task: &Value) -> String {
        in_time(self.client.submit(task)).await.accepted_id().unwrap()
    }

    /// Submits a task that must be rejected with this status and reason, and returns the message.
    pub(crate) async fn refused(&self, task: &Value, status: u16, reason: &str) -> String {
        let reply = self.client.submit(task).await.unwrap();
        assert_eq!((reply.status.as_u16(), reply.reason().as_deref()), (status, Some(reason)), "{task}");
        reply.json().unwrap()["error"]["message"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn events(&self, id: &str) -> Vec<Event> {
        in_time(async { self.client.follow(id).await?.rest().await }).await
    }

    /// How a task ends: the kind of its last event, and the reason there.
    pub(crate) async fn end(&self, id: &str) -> (String, Option<String>) {
        let Event { name, data } = in_time(async { self.client.follow(id).await?.last().await }).await;
        let reason = data.pointer("/error/reason").or_else(|| data.get("reason"));
        (name, reason.and_then(Value::as_str).map(str::to_owned))
    }

    pub(crate) async fn scrape(&self) -> Scrape {
        self.client.scrape().await.unwrap()
    }
}

/// Fails instead of hanging.
pub(crate) async fn in_time<T>(what: impl Future<Output = anyhow::Result<T>>) -> T {
    let limit = Duration::from_secs(30);
    tokio::time::timeout(limit, what).await.expect("it should not take that long").unwrap()
}

/// A task of eight tokens for a pool of vLLM.
pub(crate) fn task(pool: &str) -> Value {
    json!({ "engine": "vllm", "pool": pool, "prompt": "The queue is", "max_tokens": 8 })
}

pub(crate) fn with(mut task: Value, field: &str, value: impl Into<Value>) -> Value {
    task[field] = value.into();
    task
}

pub(crate) fn ended(name: &str, reason: &str) -> (String, Option<String>) {
    (name.to_owned(), Some(reason.to_owned()))
}

pub(crate) fn done() -> (String, Option<String>) {
    ("done".to_owned(), None)
}

/// The growth of a metric between two scrapes.
pub(crate) fn growth(before: &Scrape, after: &Scrape, name: &str, labels: &[(&str, &str)]) -> f64 {
    after.sum(name, labels) - before.sum(name, labels)
}
