//! The life of a replica whose engine runs somewhere else: until it answers, while it does, and when it does not.

use std::sync::{Arc, Weak};
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::{Instant, MissedTickBehavior};

use super::notice::{Notice, What};
use super::pool::Pool;
use crate::backend::Backend;
use crate::engine::{EngineError, Identity};
use crate::native::{Reading, Recorder};

/// The first prompt of every replica.
const FIRST_PROMPT: &str = "The night shift begins";
/// How long a replica that is not up is left alone at first; twice as long each time, up to [`LAST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(10);
/// After how many failures in a row a gauge is no longer believed, and an engine that tells no version is taken for gone.
const BELIEVED_FOR: u32 = 3;
/// How often the version is asked for without a reason, in rounds.
const IDENTIFY_EVERY: u64 = 60;

/// Tries until the replica takes tasks, or the pool takes none any more.
pub(super) async fn bring_up(pool: &Arc<Pool>, backend: &Arc<Backend>) {
    let mut pause = FIRST_PAUSE;
    let mut told = None;
    while !pool.is_draining() {
        match greet(pool, backend).await {
            Ok(()) => return open(pool, backend).await,
            Err(error) => {
                let why = error.to_string();
                if told.as_ref() != Some(&why) {
                    pool.tell(&Notice { replica: Arc::clone(backend.name()), what: What::NotUp(why.clone()) });
                    told = Some(why);
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

/// Learns the engine's version, and lets it answer a first prompt.
async fn greet(pool: &Pool, backend: &Arc<Backend>) -> Result<(), EngineError> {
    if let Some(identity) = backend.engine().identify().await? {
        pool.relabel(backend, &identity);
    }
    let mut answer = backend.engine().generate(FIRST_PROMPT, 8);
    while let Some(token) = answer.next().await {
        token?;
    }
    Ok(())
}

/// Lets the replica take tasks. Where its engine has metrics of its own, their page is read before the first task, which
/// would otherwise be a part of what was counted before the queue came.
async fn open(pool: &Arc<Pool>, backend: &Arc<Backend>) {
    if backend.engine().native().is_none() {
        return pool.set_up(backend, true);
    }
    let backend = Arc::clone(backend);
    let mut watcher = Watcher { backend, recorder: Recorder::default(), failures: 0, down: false };
    watcher.round(pool, false).await;
    pool.set_up(&watcher.backend, true);
    watcher.tell(pool, What::Up);
    tokio::spawn(watcher.watch(Arc::downgrade(pool), pool.scrape_interval()));
}

/// Reads the metrics page of one engine, again and again.
struct Watcher {
    backend: Arc<Backend>,
    recorder: Recorder,
    /// How many rounds in a row have failed.
    failures: u32,
    /// The engine is gone, and the replica takes no tasks.
    down: bool,
}

impl Watcher {
    /// Until the pool is gone.
    async fn watch(mut self, pool: Weak<Pool>, interval: Duration) {
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
            Ok(reading) => self.see(pool, &reading, identify).await,
            Err(error) => {
                let engine = self.backend.engine().identify().await;
                self.fail(pool, &error.to_string(), engine.err());
            }
        }
    }

    /// Records a page, once it is known whose it is: an engine that may have started anew is asked for its version
    /// first, so that nothing of a new version is counted for the old.
    async fn see(&mut self, pool: &Pool, reading: &Reading, identify: bool) {
        let mut changed = None;
        if identify || self.failures > 0 || self.recorder.restarted(reading) {
            match self.backend.engine().identify().await {
                Ok(Some(identity)) if pool.relabel(&self.backend, &identity) => changed = Some(identity),
                Ok(_) => {}
                Err(error) => return self.fail(pool, &error.to_string(), Some(error)),
            }
        }
        if let Some(Identity { version, .. }) = &changed {
            self.tell(pool, What::Changed(version.clone()));
        }
        self.backend.record(|replica| self.recorder.record(replica, reading, changed.is_some()));
        if std::mem::take(&mut self.failures) > 0 {
            self.tell(pool, What::Seeing);
        }
        self.set_down(pool, None);
    }

    fn fail(&mut self, pool: &Pool, why: &str, engine: Option<EngineError>) {
        self.failures = self.failures.saturating_add(1);
        if self.failures == 1 {
            self.tell(pool, What::Blind(why.to_owned()));
        }
        if self.failures >= BELIEVED_FOR {
            self.backend.record(|replica| self.recorder.forget_gauges(replica));
            self.set_down(pool, engine);
        }
    }

    fn set_down(&mut self, pool: &Pool, why: Option<EngineError>) {
        let down = why.is_some();
        if down != std::mem::replace(&mut self.down, down) {
            pool.set_up(&self.backend, !down);
            self.tell(pool, why.map_or(What::Back, |why| What::Down(why.to_string())));
        }
    }

    fn tell(&self, pool: &Pool, what: What) {
        pool.tell(&Notice { replica: Arc::clone(self.backend.name()), what });
    }
}
