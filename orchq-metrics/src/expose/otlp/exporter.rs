//! The handle on the export worker.

use std::io;
use std::sync::mpsc::channel;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, SystemTime};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use super::config::Config;
use super::error::{PushError, StartError};
use super::request::Collection;
use super::status::Status;
use super::transport::Transport;
use super::worker::{Command, Worker};
use crate::contract::Contract;
use crate::expose::push_stats::PushStats;

/// The limit of the last push when an exporter is dropped.
const LAST_PUSH: Duration = Duration::from_secs(5);

/// Longer times are cut to this one, which can be added to any point in time.
const FOREVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// How much earlier than its caller the worker gives up, so that the caller gets the reason.
const MARGIN: Duration = Duration::from_millis(250);

/// When the first exporter of the process started: later exporters continue its counts.
static STARTED_AT: OnceLock<SystemTime> = OnceLock::new();

/// Pushes contracts to an OpenTelemetry collector, from a thread of its own, until it is dropped.
///
/// A push reads the series as a scrape does; recording never waits for it. The exporter drops what one push does not
/// deliver: counters and histograms are cumulative, so the next push includes it. A collector that is away for a day
/// costs no memory and, unless the process ends meanwhile, no counts; it leaves a gap between points. An exporter holds
/// the points of one push, and a start time for each series.
///
/// Start it before anything is recorded: the start of the first exporter is that of the counters. Its methods, and
/// dropping it, block their thread; in async code call them where blocking is allowed, such as in
/// `tokio::task::spawn_blocking`.
#[derive(Debug)]
pub struct Exporter {
    /// `None` if pushing is switched off.
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    commands: UnboundedSender<Command>,
    stats: Arc<PushStats>,
}

impl Exporter {
    /// Starts to push these contracts, such as [all](crate::contracts) of the binary:
    /// `Exporter::start(&contracts(), config)`.
    ///
    /// If pushing is switched off (see [`Config::with_env`]), the exporter does nothing.
    ///
    /// # Errors
    ///
    /// If the endpoint is not a URL, a header cannot be sent, certificates and key do not match, an interval or a
    /// timeout is zero, or the system has no thread for it. It is not an error if the collector is away.
    pub fn start(contracts: &[&'static Contract], mut config: Config) -> Result<Self, StartError> {
        if !config.enabled {
            return Ok(Self { running: None });
        }
        check_durations(&mut config)?;
        let transport = Transport::new(&config)?;
        let stats = PushStats::for_endpoint(transport.endpoint(), contracts);
        let started_at = *STARTED_AT.get_or_init(SystemTime::now);
        let collection = Collection::new(contracts, &config, started_at);
        let (commands, receiver) = unbounded_channel();
        spawn(Worker::new(config, collection, Arc::clone(&stats), transport, receiver)).map_err(StartError::Thread)?;
        Ok(Self { running: Some(Running { commands, stats }) })
    }

    /// Pushes now, and waits for the push, at most `limit`. The push has everything that was recorded before.
    ///
    /// # Errors
    ///
    /// If data points were lost, or the limit passed.
    pub fn flush(&self, limit: Duration) -> Result<(), PushError> {
        self.push(limit, false)
    }

    /// Pushes a last time, waits for it at most `limit`, and ends the exporter. A request that is under way is
    /// cancelled.
    ///
    /// # Errors
    ///
    /// If data points were lost, or the limit passed; the exporter ends nevertheless.
    pub fn shutdown(mut self, limit: Duration) -> Result<(), PushError> {
        let result = self.push(limit, true);
        self.running = None;
        result
    }

    /// The outcome of all pushes until now; `None` if pushing is switched off. A scrape serves the same as
    /// `orchq_metrics_otlp_points_total` and the families beside it.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        self.running.as_ref().map(|running| Status::new(&running.stats))
    }

    fn push(&self, limit: Duration, stop: bool) -> Result<(), PushError> {
        let Some(running) = &self.running else { return Ok(()) };
        let finite = limit.min(FOREVER);
        let until = Instant::now() + (finite - MARGIN.min(finite / 10));
        let (completion, result) = channel();
        running.commands.send(Command { until, stop, completion }).map_err(|_| PushError::Stopped)?;
        match result.recv_timeout(finite) {
            Ok(result) => result,
            Err(_) if Instant::now() >= until => Err(PushError::TimedOut(limit)),
            Err(_) => Err(PushError::Stopped),
        }
    }
}

impl Drop for Exporter {
    /// Pushes a last time, for at most five seconds, and ignores the errors that [`shutdown`](Exporter::shutdown)
    /// returns.
    fn drop(&mut self) {
        let _ = self.push(LAST_PUSH, true);
    }
}

/// Runs the worker on a thread with a runtime. The runtime is built there, because an async caller could not drop it.
fn spawn(worker: Worker) -> io::Result<()> {
    let (ready, started) = channel();
    thread::Builder::new().name("orchq-otlp".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().thread_name("orchq-otlp-http").build();
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => return ready.send(Err(error)).unwrap_or_default(),
        };
        let _ = ready.send(Ok(()));
        runtime.block_on(worker.run());
        // The runtime does not wait for a request that hangs.
        runtime.shutdown_background();
    })?;
    started.recv().map_err(io::Error::other)?
}

/// Returns an error for zero, and cuts the other durations to [`FOREVER`].
fn check_durations(config: &mut Config) -> Result<(), StartError> {
    for (setting, duration) in [
        ("timeout", &mut config.timeout),
        ("interval", &mut config.interval),
        ("export_timeout", &mut config.export_timeout),
        ("backoff", &mut config.first_backoff),
        ("backoff", &mut config.max_backoff),
    ] {
        if duration.is_zero() {
            return Err(StartError::config(setting, "the duration is zero"));
        }
        *duration = (*duration).min(FOREVER);
    }
    if config.max_backoff < config.first_backoff {
        return Err(StartError::config("backoff", "the longest delay is shorter than the first"));
    }
    Ok(())
}
