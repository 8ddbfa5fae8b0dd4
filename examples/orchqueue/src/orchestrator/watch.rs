//! Watches a replica whose engine is another process: waits for its first answer, reads its metrics page, and takes the
//! replica out of service while the engine does not answer.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, MissedTickBehavior};

use super::notice::{Notice, ReplicaEvent};
use super::pool::Pool;
use crate::backend::Backend;
use crate::engine::{EngineError, Identity};
use crate::native::{Reading, Recorder};

/// The first prompt of every replica.
const FIRST_PROMPT: &str = "The night shift begins";
/// The first pause before an engine that does not answer is tried again. It doubles each time, up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(10);
/// After this many failures in a row the gauges are removed, and an engine without a version counts as down.
const FAILURES_TOLERATED: u32 = 3;
/// How long the version and the first prompt may take together: an engine can stream tokens without end, and the idle
/// timeout would not stop it.
const FIRST_ANSWER_WITHIN: Duration = Duration::from_secs(300);
/// How often the version is asked for without another reason, in rounds.
const IDENTIFY_EVERY: u64 = 60;

/// Tries until the replica takes tasks, or the pool drains.
pub(super) async fn bring_up(pool: &Arc<Pool>, backend: &Arc<Backend>) {
    let mut pause = FIRST_PAUSE;
    let mut reported = None;
    while !pool.is_draining() {
        match first_answer(pool, backend, FIRST_ANSWER_WITHIN).await {
            Ok(identity) => return open(pool, backend, identity).await,
            Err(error) => {
                let why = error.to_string();
                if reported.as_ref() != Some(&why) {
                    pool.notify(&Notice {
                        replica: Arc::clone(backend.name()),
                        event: ReplicaEvent::NotReady(why.clone()),
                    });
                    reported = Some(why);
                }
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    () = pool.draining() => return,
                }
                pause = (pause * 2).min(LAST_PAUSE);
            }
        }
    }
}

/// Gets the engine's version and its answer to a first prompt, both within `limit`.
async fn first_answer(pool: &Pool, backend: &Arc<Backend>, limit: Duration) -> Result<Option<Identity>, EngineError> {
    let first = async {
        let identity = backend.engine().identify().await?;
        if let Some(identity) = &identity {
            pool.relabel(backend, identity);
        }
        answer(backend).await.map(|()| identity)
    };
    tokio::time::timeout(limit, first).await.unwrap_or(Err(EngineError::Endless(limit)))
}

/// Has the engine answer [`FIRST_PROMPT`].
async fn answer(backend: &Backend) -> Result<(), EngineError> {
    let mut answer = backend.engine().generate(FIRST_PROMPT, 8);
    while let Some(token) = answer.next().await {
        token?;
    }
    Ok(())
}

/// Lets the replica take tasks. If its engine has metrics of its own, their page is read before the first task, so that
/// the next page shows the task's tokens as growth.
async fn open(pool: &Arc<Pool>, backend: &Arc<Backend>, identity: Option<Identity>) {
    if backend.engine().native().is_none() {
        return pool.set_up(backend, true);
    }
    let mut watcher = Watcher {
        backend: Arc::clone(backend),
        recorder: Recorder::default(),
        identity,
        renewed: false,
        foreign: false,
        failures: 0,
        down: false,
    };
    watcher.round(pool, false).await;
    pool.set_up(&watcher.backend, true);
    watcher.notify(pool, ReplicaEvent::Ready);
    tokio::spawn(watcher.supervise(Arc::downgrade(pool), pool.scrape_interval()));
}

/// Reads the metrics page of one engine, again and again.
struct Watcher {
    backend: Arc<Backend>,
    recorder: Recorder,
    /// What the engine reported last.
    identity: Option<Identity>,
    /// Its version has changed since the last page that was recorded.
    renewed: bool,
    /// The last page had none of the engine's metrics.
    foreign: bool,
    /// How many rounds in a row have failed.
    failures: u32,
    /// The engine is gone, and the replica takes no tasks.
    down: bool,
}

impl Watcher {
    /// Runs until the pool is gone. A panic loses one round, and removes the gauges that it may have left half
    /// recorded.
    async fn supervise(mut self, pool: Weak<Pool>, interval: Duration) {
        while AssertUnwindSafe(self.watch(&pool, interval)).catch_unwind().await.is_err() {
            self.backend.record(|replica| self.recorder.forget_gauges(replica));
        }
    }

    async fn watch(&mut self, pool: &Weak<Pool>, interval: Duration) {
        let mut rounds = tokio::time::interval_at(Instant::now() + interval, interval);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for round in 1_u64.. {
            rounds.tick().await;
            let Some(pool) = pool.upgrade() else { return };
            self.round(&pool, round % IDENTIFY_EVERY == 0).await;
        }
    }

    async fn round(&mut self, pool: &Pool, identify: bool) {
        let Some(scraper) = self.backend.engine().native() else { return };
        match scraper.read().await {
            Ok(reading) => self.record_page(pool, &reading, identify).await,
            Err(error) => {
                // The labels have to be right for an engine without a page, too.
                let engine = match self.identify(pool).await {
                    Ok(()) => self.unreachable().await,
                    Err(error) => Some(error),
                };
                self.fail(pool, &error.to_string(), engine);
            }
        }
    }

    /// Asks the engine for its version and model. If they changed, its replica gets new labels.
    async fn identify(&mut self, pool: &Pool) -> Result<(), EngineError> {
        let Some(mut now) = self.backend.engine().identify().await? else { return Ok(()) };
        let before = self.identity.take();
        let last_digest = before.as_ref().and_then(|before| before.model_digest.clone());
        now.model_digest = now.model_digest.or(last_digest);
        let is_new = pool.relabel(&self.backend, &now);
        let renewed = before.is_none_or(|before| before.version != now.version);
        self.renewed |= renewed;
        let what = match &now.model_digest {
            Some(digest) if !renewed => format!("now serves the model {digest}"),
            _ => format!("is now of version {}", now.version),
        };
        self.identity = Some(now);
        if is_new {
            self.notify(pool, ReplicaEvent::Changed(what));
        }
        Ok(())
    }

    /// Whether the engine still cannot be reached, after several tasks could not reach it.
    async fn unreachable(&self) -> Option<EngineError> {
        if self.backend.unreached() < FAILURES_TOLERATED {
            return None;
        }
        let answered = tokio::time::timeout(FIRST_ANSWER_WITHIN, answer(&self.backend)).await;
        match answered.unwrap_or(Err(EngineError::Endless(FIRST_ANSWER_WITHIN))) {
            Ok(()) => {
                self.backend.reached(true);
                None
            }
            Err(error) => Some(error),
        }
    }

    /// Records a page under the right version: an engine that may have restarted is asked for its version first, so
    /// that nothing of a new version is counted for the old.
    async fn record_page(&mut self, pool: &Pool, reading: &Reading, identify: bool) {
        let doubtful = self.failures > 0 || self.recorder.restarted(reading);
        if identify || doubtful {
            match self.identify(pool).await {
                Err(error) if doubtful => return self.fail(pool, &error.to_string(), Some(error)),
                // The version of the page is not in doubt, and the engine is asked again later.
                Ok(()) | Err(_) => {}
            }
        }
        let renewed = std::mem::take(&mut self.renewed);
        self.backend.record(|replica| self.recorder.record(replica, reading, renewed));
        if std::mem::take(&mut self.failures) > 0 {
            self.notify(pool, ReplicaEvent::MetricsReadable);
        }
        let foreign = reading.is_foreign();
        if !std::mem::replace(&mut self.foreign, foreign) && foreign {
            self.notify(pool, ReplicaEvent::MetricsForeign);
        }
        let unreachable = self.unreachable().await;
        self.set_down(pool, unreachable);
    }

    fn fail(&mut self, pool: &Pool, why: &str, engine: Option<EngineError>) {
        self.failures = self.failures.saturating_add(1);
        if self.failures == 1 {
            self.notify(pool, ReplicaEvent::MetricsUnreadable(why.to_owned()));
        }
        if self.failures >= FAILURES_TOLERATED {
            self.backend.record(|replica| self.recorder.forget_gauges(replica));
            self.set_down(pool, engine);
        }
    }

    fn set_down(&mut self, pool: &Pool, why: Option<EngineError>) {
        let down = why.is_some();
        if down != std::mem::replace(&mut self.down, down) {
            pool.set_up(&self.backend, !down);
            self.notify(pool, why.map_or(ReplicaEvent::Back, |why| ReplicaEvent::Down(why.to_string())));
        }
    }

    fn notify(&self, pool: &Pool, event: ReplicaEvent) {
        pool.notify(&Notice { replica: Arc::clone(self.backend.name()), event });
    }
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use orchq_metrics::v1::{EngineBuild, Policy};

    use super::super::config::PoolConfig;
    use super::*;
    use crate::engine::{Engine, Token, TokenStream};

    /// Never silent, and never finished.
    struct Endless;

    impl Engine for Endless {
        fn count_tokens(&self, _: &str) -> usize {
            1
        }

        fn generate(&self, _: &str, _: usize) -> TokenStream {
            let token = |n| async move {
                tokio::time::sleep(Duration::from_millis(1)).await;
                Some((Ok(Token::Text("a".to_owned())), n))
            };
            stream::unfold((), token).boxed()
        }
    }

    #[tokio::test]
    async fn a_first_answer_that_never_ends_is_given_up() {
        let config = PoolConfig {
            name: "endless".to_owned(),
            build: EngineBuild::vllm("1").into(),
            model: None,
            engines: vec![Arc::new(Endless)],
            policy: Policy::Reject,
            queue_capacity: 1,
            slots_per_replica: 1,
            context_tokens: 64,
            scrape_interval: Duration::from_secs(1),
        };
        let pool = Pool::new(config, Arc::new(|_| ()));
        let backend = Arc::new(Backend::new("endless-0", Arc::new(Endless), None));
        let limit = Duration::from_millis(50);
        assert_eq!(first_answer(&pool, &backend, limit).await, Err(EngineError::Endless(limit)));
    }
}
