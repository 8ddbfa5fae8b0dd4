//! A queue of one pool in front of replayed engines.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use orchq_metrics::v1::{Engine, Policy};
use orchqueue::client::{Client, Event};
use orchqueue::engine::{Adapter, Addresses, Api, Limits, Server};
use orchqueue::fetch::Url;
use orchqueue::http;
use orchqueue::orchestrator::{Build, Config, Orchestrator, PoolConfig};
use orchqueue::scrape::Scrape;
use serde_json::json;
use tokio::net::TcpListener;

use crate::replay::Replay;

/// Limits that a test can wait for where something hangs, and that nothing reaches that does not.
pub(crate) const LIMITS: Limits = Limits {
    connect: Duration::from_secs(2),
    answer: Duration::from_secs(1),
    idle: Duration::from_secs(1),
    page: 64 << 10,
};

pub(crate) struct Queue {
    pub(crate) client: Client,
    pub(crate) orchestrator: Arc<Orchestrator>,
    notices: Arc<Mutex<Vec<String>>>,
    engine: Engine,
    pool: String,
}

pub(crate) fn server(engine: Engine, api: &str) -> Server {
    let addresses = Addresses { api: Url::parse(api).unwrap(), metrics: None, version: None };
    let adapter = Adapter::for_engine(engine);
    let model = adapter.request_model.unwrap_or("the-model").to_owned();
    Server::new(adapter, &addresses, Api::Completions, Some(model), Vec::new(), LIMITS).unwrap()
}

impl Queue {
    /// A queue in front of these engines, whose pool is still warming. No two tests may have a pool of one name.
    pub(crate) async fn cold(pool: &str, engine: Engine, urls: &[String]) -> Self {
        Self::new(&[(pool, urls)], engine, |_| ()).await
    }

    /// A queue of several such pools; the methods are about the first. `on_notice` gets the notices, too.
    pub(crate) async fn new(
        pools: &[(&str, &[String])],
        engine: Engine,
        on_notice: impl Fn(&str) + Send + Sync + 'static,
    ) -> Self {
        let config = |(pool, urls): &(&str, &[String])| Self::pool(pool, engine, urls);
        let pool = pools[0].0;
        let pools = pools.iter().map(config).collect();
        let notices = Arc::new(Mutex::new(Vec::new()));
        let on_notice = {
            let notices = Arc::clone(&notices);
            Arc::new(move |notice: &orchqueue::orchestrator::Notice| {
                notices.lock().unwrap().push(notice.to_string());
                on_notice(&notice.to_string());
            })
        };
        let config = Config { pools, retained_tasks: 8 };
        let orchestrator = Orchestrator::start_with_notices(config, on_notice).unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let client = Client::new(listener.local_addr().unwrap());
        tokio::spawn(http::serve(listener, Arc::clone(&orchestrator), std::future::pending()));
        Self { client, orchestrator, notices, engine, pool: pool.to_owned() }
    }

    fn pool(pool: &str, engine: Engine, urls: &[String]) -> PoolConfig {
        let servers = urls.iter().map(|url| Arc::new(server(engine, url)) as Arc<dyn orchqueue::engine::Engine>);
        let trtllm_version = (engine == Engine::Triton).then(|| "1.2.1".into());
        PoolConfig {
            name: pool.to_owned(),
            build: Build::Reported { engine, trtllm_version },
            model: None,
            engines: servers.collect(),
            policy: Policy::Reject,
            queue_capacity: 8,
            slots_per_replica: 1,
            context_tokens: 64,
            scrape_interval: Duration::from_millis(10),
        }
    }

    /// A queue in front of one engine, which is up.
    pub(crate) async fn start(pool: &str, engine: Engine, replay: &Replay) -> Self {
        let queue = Self::cold(pool, engine, &[replay.url()]).await;
        queue.orchestrator.warm_up().await;
        // Its page has been read once, so that its earlier counts are known.
        queue.until(|_| replay.answers().scrapes >= 2).await;
        queue
    }

    /// Runs a task to its last event.
    pub(crate) async fn run(&self) -> Event {
        self.events().await.pop().unwrap()
    }

    pub(crate) async fn events(&self) -> Vec<Event> {
        let task = json!({ "engine": self.engine.as_str(), "pool": self.pool, "prompt": "Is it?", "max_tokens": 2 });
        let run = async {
            let id = self.client.submit(&task).await.unwrap().accepted_id().unwrap();
            self.client.follow(&id).await.unwrap().rest().await.unwrap()
        };
        in_time(run).await
    }

    /// Scrapes until the page is as expected, or fails with the last one.
    pub(crate) async fn until(&self, expected: impl Fn(&Scrape) -> bool) -> Scrape {
        let started = std::time::Instant::now();
        loop {
            let scrape = self.client.scrape().await.unwrap();
            if expected(&scrape) {
                return scrape;
            }
            assert!(started.elapsed() < PATIENCE, "never as expected: {}", self.client.metrics().await.unwrap());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits for a notice with this part, and returns it.
    pub(crate) async fn notice(&self, part: &str) -> String {
        let started = std::time::Instant::now();
        loop {
            if let Some(notice) = self.notices().iter().find(|notice| notice.contains(part)) {
                return notice.clone();
            }
            assert!(started.elapsed() < PATIENCE, "there was no notice `{part}`: {:?}", self.notices());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(crate) fn notices(&self) -> Vec<String> {
        self.notices.lock().unwrap().clone()
    }

    /// The sum of a metric over this pool.
    pub(crate) fn sum(&self, scrape: &Scrape, metric: &str) -> f64 {
        scrape.sum(metric, &[("pool_id", &self.pool)])
    }

    /// How many series of a metric this pool has.
    pub(crate) fn series(&self, scrape: &Scrape, metric: &str) -> usize {
        scrape.series(metric, &[("pool_id", &self.pool)]).count()
    }
}

const PATIENCE: Duration = Duration::from_secs(30);

/// Fails instead of hanging.
pub(crate) async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it should not take that long")
}
