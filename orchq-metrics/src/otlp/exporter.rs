//! The thread that pushes, and the handle on it.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant, SystemTime};

use super::config::Config;
use super::error::{ConfigError, PushError, StartError};
use super::request::{Batch, Collection};
use super::status::{Loss, Status};
use super::transport::{Answer, Transport};
use crate::contract::Contract;
use crate::pushes::{Books, Outcome, Points};

/// How long an exporter that is dropped may take for its last push.
const LAST_PUSH: Duration = Duration::from_secs(5);

/// The longest pause that a collector may ask for. A mistake in a header should not silence a service for a year.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// What a longer time is taken for, so that it can be added to any moment.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);

type Reply = Sender<Result<(), PushError>>;

enum Command {
    Push { until: Instant, reply: Reply },
    Stop { until: Instant, reply: Reply },
}

/// Pushes contracts to an OpenTelemetry collector, from a thread of its own, until it is dropped.
///
/// A push reads what was recorded as a scrape does; recording never waits for it. What one push does not bring to the
/// collector is not kept: the next has the same counters and histograms, further on, so that a collector that is away
/// for a day costs no memory, and gaps between points but no counts. An exporter holds the points of one push, and a
/// start time for each series.
///
/// Start it before anything is recorded: its start is that of the counters.
#[derive(Debug)]
pub struct Exporter {
    /// None where pushing is switched off.
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    commands: Sender<Command>,
    books: Arc<Books>,
}

impl Exporter {
    /// Starts to push these contracts.
    ///
    /// Where the environment switched it off (see [`Config::with_env`]), this gives an exporter that does nothing.
    ///
    /// ```
    /// use std::time::Duration;
    /// use orchq_metrics::otlp::{Config, Exporter};
    /// use orchq_metrics::v1::CONTRACT;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # if false {
    /// let exporter = Exporter::start(&[&CONTRACT], Config::new("orchqueue").with_env()?)?;
    /// // ... serve ...
    /// exporter.shutdown(Duration::from_secs(5))?;
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the endpoint is no URL, a header cannot be sent, a certificate cannot be read, an interval or a timeout is
    /// zero, or when there is no thread to be had. That the collector is away is no error.
    pub fn start(contracts: &[&'static Contract], mut config: Config) -> Result<Self, StartError> {
        if !config.enabled {
            return Ok(Self { running: None });
        }
        for (setting, duration) in [
            ("timeout", &mut config.timeout),
            ("interval", &mut config.interval),
            ("export_timeout", &mut config.export_timeout),
            ("backoff", &mut config.first_backoff),
            ("backoff", &mut config.greatest_backoff),
        ] {
            if duration.is_zero() {
                return Err(ConfigError::new(setting, "it is zero; give a time to wait").into());
            }
            *duration = (*duration).min(FOREVER);
        }
        let transport = Transport::new(&config)?;
        let books = Books::of(transport.endpoint(), contracts);
        let collection = Collection::new(contracts, &config.resource, config.max_request_bytes, SystemTime::now());
        let (commands, receiver) = channel();
        let pump = Pump {
            config,
            transport,
            collection,
            books: Arc::clone(&books),
            commands: receiver,
            pending: VecDeque::new(),
            awaited: false,
            not_before: Instant::now(),
        };
        let thread = std::thread::Builder::new().name("orchq-otlp".to_owned()).spawn(|| pump.run());
        thread.map_err(StartError::Thread)?;
        Ok(Self { running: Some(Running { commands, books }) })
    }

    /// Pushes now, and waits for it, at most so long.
    ///
    /// # Errors
    ///
    /// When points were lost, or the time is over.
    pub fn flush(&self, limit: Duration) -> Result<(), PushError> {
        self.wait(limit, |until, reply| Command::Push { until, reply })
    }

    /// Pushes a last time, waits for it, at most so long, and ends the thread.
    ///
    /// # Errors
    ///
    /// When points were lost, or the time is over; the thread ends all the same.
    pub fn shutdown(mut self, limit: Duration) -> Result<(), PushError> {
        let result = self.wait(limit, |until, reply| Command::Stop { until, reply });
        self.running = None;
        result
    }

    /// What became of the pushes until now; none where pushing is switched off. A scrape tells the same, as
    /// `orchq_metrics_otlp_points_total` and its sisters.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.running.as_ref().map(|running| Status::of(&running.books))
    }

    fn wait(&self, limit: Duration, command: impl FnOnce(Instant, Reply) -> Command) -> Result<(), PushError> {
        let Some(running) = &self.running else { return Ok(()) };
        let (reply, answer) = channel();
        let until = Instant::now() + limit.min(FOREVER);
        running.commands.send(command(until, reply)).map_err(|_| PushError::Stopped)?;
        match answer.recv_timeout(limit) {
            Ok(result) => result,
            Err(RecvTimeoutError::Timeout) => Err(PushError::TimedOut(limit)),
            Err(RecvTimeoutError::Disconnected) => Err(PushError::Stopped),
        }
    }
}

impl Drop for Exporter {
    /// Pushes a last time, for at most five seconds. What [`shutdown`](Exporter::shutdown) says of it is lost.
    fn drop(&mut self) {
        let _ = self.wait(LAST_PUSH, |until, reply| Command::Stop { until, reply });
    }
}

/// What the thread has.
struct Pump {
    config: Config,
    transport: Transport,
    collection: Collection,
    books: Arc<Books>,
    commands: Receiver<Command>,
    /// Commands that came while something else was waited for.
    pending: VecDeque<Command>,
    /// Whether somebody waits for the push that is under way.
    awaited: bool,
    /// When the collector wants to hear of this service again.
    not_before: Instant,
}

/// What became of one request.
enum Fate {
    Accepted,
    /// Some or all of it is lost, which was told. The next may fare better.
    Lost(String),
    /// The collector is away, or something else is to be done: the rest of the push is given up.
    Over(String),
}

impl Pump {
    fn run(mut self) {
        let mut next = Instant::now() + self.config.interval;
        loop {
            match self.command(next) {
                Ok(Command::Push { until, reply }) => self.push_and_tell(until, &reply),
                Ok(Command::Stop { until, reply }) => return self.push_and_tell(until, &reply),
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.push(Instant::now() + self.config.export_timeout);
                    let now = Instant::now();
                    while next <= now {
                        next += self.config.interval;
                    }
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn push_and_tell(&mut self, until: Instant, reply: &Reply) {
        self.awaited = true;
        let result = self.push(until);
        self.awaited = false;
        // Who asked may have stopped to wait.
        let _ = reply.send(result);
    }

    fn command(&mut self, until: Instant) -> Result<Command, RecvTimeoutError> {
        match self.pending.pop_front() {
            Some(command) => Ok(command),
            None => self.commands.recv_timeout(until.saturating_duration_since(Instant::now())),
        }
    }

    /// Waits until then, and says whether the push is to go on. A stop ends it; one that somebody waits for is not
    /// ended by one that somebody else asks for.
    fn pause(&mut self, until: Instant) -> bool {
        loop {
            match self.commands.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(command) => {
                    let goes_on = self.awaited && matches!(command, Command::Push { .. });
                    self.pending.push_back(command);
                    if !goes_on {
                        return false;
                    }
                }
                Err(error) => return error == RecvTimeoutError::Timeout,
            }
        }
    }

    /// Sends all that was counted, with retries until then.
    fn push(&mut self, until: Instant) -> Result<(), PushError> {
        if (Instant::now()..=until).contains(&self.not_before) && !self.pause(self.not_before) {
            return Err(PushError::Stopped);
        }
        // Whether the collector can be asked in time or not, the series are looked at: start times hang on it.
        let mut batches = self.collection.collect(SystemTime::now()).into_iter();
        let mut result = Ok(());
        while let Some(batch) = batches.next() {
            match self.deliver(&batch, until) {
                Fate::Accepted => {}
                Fate::Lost(why) => result = Err(PushError::Lost(why)),
                Fate::Over(why) => {
                    let points = batch.points + batches.map(|batch| batch.points).sum::<u64>();
                    self.lose(points, Points::Dropped, &why);
                    return Err(PushError::Lost(why));
                }
            }
        }
        result
    }

    /// Sends one request, again and again until then.
    fn deliver(&mut self, batch: &Batch, until: Instant) -> Fate {
        let mut backoff = self.config.first_backoff;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if self.not_before > until {
                return Fate::Over("the collector has asked to be left alone for longer".to_owned());
            }
            if left.is_zero() {
                return Fate::Over("there was no time left".to_owned());
            }
            let (after, why) = match self.transport.send(&batch.request, left.min(self.config.timeout)) {
                Answer::Accepted { rejected, message } => return self.accepted(batch, rejected, &message),
                Answer::Refused(why) => {
                    self.books.count(Outcome::Refused);
                    self.lose(batch.points, Points::Dropped, &why);
                    return Fate::Lost(why);
                }
                Answer::Later { after, why } => (after.map(|after| after.min(LONGEST_PAUSE)), why),
            };
            self.books.count(Outcome::Failed);
            let now = Instant::now();
            let again = now + after.unwrap_or_else(|| jittered(backoff));
            if after.is_some() {
                self.not_before = again;
            }
            if again >= until || !self.pause(again) {
                return Fate::Over(why);
            }
            backoff = backoff.saturating_mul(2).min(self.config.greatest_backoff);
        }
    }

    fn accepted(&self, batch: &Batch, rejected: u64, message: &str) -> Fate {
        let rejected = rejected.min(batch.points);
        self.books.accept(batch.points - rejected);
        if rejected == 0 {
            // A message without a number is advice: <https://opentelemetry.io/docs/specs/otlp/#partial-success>.
            self.books.count(Outcome::Accepted);
            return Fate::Accepted;
        }
        self.books.count(Outcome::Partial);
        let why = format!("{rejected} of {} data points were rejected: {message}", batch.points);
        self.lose(rejected, Points::Rejected, &why);
        Fate::Lost(why)
    }

    fn lose(&self, points: u64, how: Points, why: &str) {
        self.books.lose(points, how, why);
        let loss = Loss { endpoint: self.books.endpoint.clone(), points, why: why.to_owned() };
        if let Some(call) = &self.config.on_loss {
            // Whoever listens may fail; the metrics go on.
            let _ = std::panic::catch_unwind(AssertUnwindSafe(|| call(&loss)));
        }
    }
}

/// Up to half of it less.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + 0.5 * fastrand::f64())
}
