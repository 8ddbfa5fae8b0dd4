//! The handle on the thread that pushes.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use super::config::Config;
use super::error::{ConfigError, PushError, StartError};
use super::pump::{Command, Message, Pump};
use super::request::Collection;
use super::status::Status;
use super::transport::Transport;
use crate::contract::Contract;
use crate::expose::push_stats::Books;

/// How long an exporter that is dropped may take for its last push.
const LAST_PUSH: Duration = Duration::from_secs(5);

/// What a longer time is taken for, so that it can be added to any moment.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// How much longer than it was told somebody waits for the reason why it was not enough.
const GRACE: Duration = Duration::from_millis(250);

/// When the first exporter of the process started: an exporter that follows another goes on with its counts.
static BEGAN: OnceLock<SystemTime> = OnceLock::new();

/// Pushes contracts to an OpenTelemetry collector, from threads of its own, until it is dropped.
///
/// A push reads what was recorded as a scrape does; recording never waits for it. What one push does not bring to the
/// collector is not kept: the next has the same counters and histograms, further on, so that a collector that is away
/// for a day costs no memory, and gaps between points but no counts, unless the process ends meanwhile. An exporter
/// holds the points of one push, and a start time for each series.
///
/// Start it before anything is recorded: the start of the first is that of the counters. Its methods, and dropping it,
/// make their thread wait; in async code call them where blocking is allowed, such as
/// `tokio::task::spawn_blocking`.
#[derive(Debug)]
pub struct Exporter {
    /// None where pushing is switched off.
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    messages: Sender<Message>,
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
    /// When the endpoint is no URL, a header cannot be sent, certificates and key do not fit, an interval or a timeout
    /// is zero, or when there is no thread to be had. That the collector is away is no error.
    pub fn start(contracts: &[&'static Contract], mut config: Config) -> Result<Self, StartError> {
        if !config.enabled {
            return Ok(Self { running: None });
        }
        make_finite(&mut config)?;
        let transport = Transport::new(&config)?;
        let books = Books::of(transport.endpoint(), contracts);
        let began = *BEGAN.get_or_init(SystemTime::now);
        let collection = Collection::new(contracts, &config.resource, config.max_request_bytes, began);
        let (messages, receiver) = channel();
        let pump = Pump::new(config, collection, Arc::clone(&books), messages.clone(), receiver);
        let thread = std::thread::Builder::new().name("orchq-otlp".to_owned()).spawn(|| pump.run());
        thread.map_err(StartError::Thread)?;
        Ok(Self { running: Some(Running { messages, books }) })
    }

    /// Pushes now, and waits for it, at most so long. All that was recorded before is in it.
    ///
    /// # Errors
    ///
    /// When points were lost, or the time is over.
    pub fn flush(&self, limit: Duration) -> Result<(), PushError> {
        self.wait(limit, false)
    }

    /// Pushes a last time, waits for it, at most so long, and ends the exporter. A request that is under way is given
    /// up for it.
    ///
    /// # Errors
    ///
    /// When points were lost, or the time is over; the exporter ends all the same.
    pub fn shutdown(mut self, limit: Duration) -> Result<(), PushError> {
        let result = self.wait(limit, true);
        self.running = None;
        result
    }

    /// What became of the pushes until now; none where pushing is switched off. A scrape tells the same, as
    /// `orchq_metrics_otlp_points_total` and its sisters.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.running.as_ref().map(|running| Status::of(&running.books))
    }

    fn wait(&self, limit: Duration, stop: bool) -> Result<(), PushError> {
        let Some(running) = &self.running else { return Ok(()) };
        let (reply, answer) = channel();
        let command = Command { until: Instant::now() + limit.min(FOREVER), reply, stop };
        running.messages.send(Message::Command(command)).map_err(|_| PushError::Stopped)?;
        match answer.recv_timeout(limit.min(FOREVER) + GRACE) {
            Ok(result) => result,
            // Without a time there is no push to hear of.
            Err(RecvTimeoutError::Disconnected) if !limit.is_zero() => Err(PushError::Stopped),
            Err(_) => Err(PushError::TimedOut(limit)),
        }
    }
}

/// Refuses times that are none, and makes the others such that they can be added to any moment.
fn make_finite(config: &mut Config) -> Result<(), ConfigError> {
    for (setting, duration) in [
        ("timeout", &mut config.timeout),
        ("interval", &mut config.interval),
        ("export_timeout", &mut config.export_timeout),
        ("backoff", &mut config.first_backoff),
        ("backoff", &mut config.greatest_backoff),
    ] {
        if duration.is_zero() {
            return Err(ConfigError::new(setting, "it is zero; give a time to wait"));
        }
        *duration = (*duration).min(FOREVER);
    }
    if config.greatest_backoff < config.first_backoff {
        return Err(ConfigError::new("backoff", "the longest pause is shorter than the first; give it as the second"));
    }
    Ok(())
}

impl Drop for Exporter {
    /// Pushes a last time, for at most five seconds. What [`shutdown`](Exporter::shutdown) says of it is lost.
    fn drop(&mut self) {
        let _ = self.wait(LAST_PUSH, true);
    }
}
