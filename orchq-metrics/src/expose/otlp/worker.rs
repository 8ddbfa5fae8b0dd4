//! The export worker: the thread that decides when to push what, sends it, and settles the outcome.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use super::config::Config;
use super::error::PushError;
use super::request::{Batch, Collection};
use super::status::Loss;
use super::transport::Transport;
use crate::expose::push_stats::{BatchOutcome, PushStats};

/// The longest delay that a collector may request. A mistake in a header should not silence a service for a year.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(600);

/// A command: a push with a deadline, and perhaps the end of the exporter.
pub(super) struct Command {
    pub(super) until: Instant,
    pub(super) stop: bool,
    /// Where the result of the push goes.
    pub(super) completion: Sender<Result<(), PushError>>,
}

pub(super) struct Worker {
    config: Config,
    collection: Collection,
    stats: Arc<PushStats>,
    transport: Transport,
    commands: UnboundedReceiver<Command>,
    /// Commands that came during a push.
    pending: Vec<Command>,
    /// Whether a caller waits for the push that is under way.
    awaited: bool,
    /// The collector requested that nothing is sent before.
    not_before: Instant,
}

impl Worker {
    pub(super) fn new(
        config: Config,
        collection: Collection,
        stats: Arc<PushStats>,
        transport: Transport,
        commands: UnboundedReceiver<Command>,
    ) -> Self {
        let (pending, awaited, not_before) = (Vec::new(), false, Instant::now());
        Self { config, collection, stats, transport, commands, pending, awaited, not_before }
    }

    /// Pushes at every interval and on every command, until a command stops it.
    pub(super) async fn run(mut self) {
        let interval = self.config.interval;
        let mut next = Instant::now() + interval;
        loop {
            if self.pending.is_empty() {
                self.next_command(next).await;
            }
            while let Ok(command) = self.commands.try_recv() {
                self.pending.push(command);
            }
            let commands = std::mem::take(&mut self.pending);
            let now = Instant::now();
            // One push serves all commands that have come by now.
            let awaited = commands.iter().map(|command| command.until).filter(|until| *until > now).max();
            let due = (next <= now).then(|| now + self.config.export_timeout);
            if let Some(until) = awaited.or(due) {
                self.awaited = awaited.is_some();
                let result = self.push(until).await;
                for command in &commands {
                    // The caller may have given up.
                    let _ = command.completion.send(result.clone());
                }
            }
            if commands.iter().any(|command| command.stop) {
                return;
            }
            let now = Instant::now();
            if next <= now {
                // Pushes that are overdue by now are skipped.
                next = if next + interval > now { next + interval } else { now + interval };
            }
        }
    }

    /// Waits for a command, at most until then, keeps it as pending, and returns whether it is a stop.
    async fn next_command(&mut self, until: Instant) -> Option<bool> {
        let Some(command) = tokio::time::timeout_at(until, self.commands.recv()).await.ok()? else {
            // The exporter is gone, and the last push goes on.
            tokio::time::sleep_until(until).await;
            return None;
        };
        let stop = command.stop;
        self.pending.push(command);
        Some(stop)
    }

    /// Waits until then, and returns whether the push goes on. A stop ends it. A flush ends it only if no caller waits
    /// for it.
    async fn pause(&mut self, until: Instant) -> bool {
        loop {
            match self.next_command(until).await {
                None => return true,
                Some(stop) if stop || !self.awaited => return false,
                Some(_) => {}
            }
        }
    }

    /// Sends everything that was recorded, with retries until then.
    async fn push(&mut self, until: Instant) -> Result<(), PushError> {
        if (Instant::now()..=until).contains(&self.not_before) && !self.pause(self.not_before).await {
            return Err(PushError::Stopped);
        }
        let mut batches = self.collection.collect().into_iter();
        let mut result = Ok(());
        while let Some(batch) = batches.next() {
            match self.deliver(&batch, until).await {
                BatchOutcome::Accepted { rejected, message } => {
                    let rejected = rejected.min(batch.points);
                    self.stats.count_points(batch.points - rejected, rejected, 0);
                    if rejected > 0 {
                        let why = format!("{rejected} of {} data points were rejected: {message}", batch.points);
                        result = self.lost(rejected, why);
                    } else if !message.is_empty() {
                        // <https://opentelemetry.io/docs/specs/otlp/#partial-success>
                        self.stats.set_last_problem(&format!("accepted with a warning: {message}"));
                    }
                }
                BatchOutcome::Refused { why } => {
                    self.stats.count_points(0, 0, batch.points);
                    result = self.lost(batch.points, why);
                }
                BatchOutcome::Failed { why, .. } => {
                    let dropped = batch.points + batches.map(|batch| batch.points).sum::<u64>();
                    self.stats.count_points(0, 0, dropped);
                    return self.lost(dropped, why);
                }
            }
        }
        result
    }

    /// Sends one batch, with retries until then.
    async fn deliver(&mut self, batch: &Batch, until: Instant) -> BatchOutcome {
        let mut backoff = self.config.first_backoff;
        loop {
            if self.not_before > until {
                return BatchOutcome::failed("the retry delay that the collector requested exceeds the deadline");
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return BatchOutcome::failed("the deadline passed");
            }
            let Some(outcome) = self.send(batch, left.min(self.config.timeout)).await else {
                return BatchOutcome::failed("the exporter was stopped before the collector answered");
            };
            self.stats.count_request(&outcome);
            let BatchOutcome::Failed { retry_after, .. } = outcome else { return outcome };
            let delay = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
            // Even a collector that requests no delay gets one.
            let retry_at = Instant::now() + jittered(backoff).max(delay);
            if retry_after.is_some() {
                self.not_before = retry_at;
            }
            if retry_at >= until || !self.pause(retry_at).await {
                return outcome;
            }
            backoff = backoff.saturating_mul(2).min(self.config.max_backoff);
        }
    }

    /// Sends one request; `None` if a stop came before the answer.
    async fn send(&mut self, batch: &Batch, timeout: Duration) -> Option<BatchOutcome> {
        let until = Instant::now() + timeout;
        let mut request = self.transport.send(batch.request.clone(), timeout);
        loop {
            let command = tokio::select! {
                biased;
                outcome = &mut request => {
                    // A panic in a library fails the request, not the exporter.
                    return Some(outcome.unwrap_or_else(|panic| BatchOutcome::refused(format!("it failed: {panic}"))));
                }
                command = self.next_command(until) => command,
            };
            // A flush waits for the request; a stop does not.
            if command != Some(false) {
                request.abort();
                self.transport.disconnect();
                return command.is_none().then(|| BatchOutcome::failed("no answer: timeout"));
            }
        }
    }

    /// Reports data points that did not reach the collector.
    fn lost(&self, points: u64, why: String) -> Result<(), PushError> {
        self.stats.set_last_problem(&why);
        if let Some(on_loss) = &self.config.on_loss {
            let loss = Loss { endpoint: self.stats.endpoint.clone(), points, why: why.clone() };
            // A panic in the program's function does not end the exporter.
            let _ = std::panic::catch_unwind(AssertUnwindSafe(|| on_loss(&loss)));
        }
        Err(PushError::Lost(why))
    }
}

/// Up to half of it less.
fn jittered(delay: Duration) -> Duration {
    delay.mul_f64(0.5 + 0.5 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::mpsc::channel;
    use std::time::SystemTime;

    use super::*;
    use crate::v1::CONTRACT;

    #[test]
    fn chance_takes_up_to_half_of_a_delay() {
        let delays: Vec<_> = (0..1000).map(|_| jittered(Duration::from_secs(10)).as_secs_f64()).collect();
        assert!(delays.iter().all(|delay| (5.0..=10.0).contains(delay)));
        assert!(delays.iter().any(|delay| *delay < 6.0) && delays.iter().any(|delay| *delay > 9.0));
    }

    #[test]
    fn one_push_serves_all_commands_that_have_come_and_a_stop_ends_the_worker() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let config = Config::new("test").endpoint(format!("http://{}", listener.local_addr().unwrap()));
        let (commands, receiver) = tokio::sync::mpsc::unbounded_channel();
        let transport = Transport::new(&config).unwrap();
        let stats = PushStats::for_endpoint(transport.endpoint(), &[&CONTRACT]);
        let collection = Collection::new(&[&CONTRACT], &config, SystemTime::now());
        let worker = Worker::new(config, collection, Arc::clone(&stats), transport, receiver);
        let until = Instant::now() + Duration::from_secs(60);
        let results = [false, false, true].map(|stop| {
            let (completion, result) = channel();
            assert!(commands.send(Command { until, stop, completion }).is_ok());
            result
        });
        let collector = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            assert!(stream.read(&mut [0; 1 << 16]).unwrap() > 0);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        });
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(worker.run());
        collector.join().unwrap();
        assert_eq!(results.map(|result| result.recv().unwrap()), [const { Ok(()) }; 3]);
        assert_eq!(stats.counts().requests, [1, 0, 0, 0]);
    }
}
