//! The command line of the example queue.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use orchq_metrics::v1::{CONTRACT, Policy};
use orchqueue::engine::ngram::Pace;
use orchqueue::orchestrator::{Config, Orchestrator};
use orchqueue::worker::gpu;
use orchqueue::{demo, engine, fleet, http, push};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A small task queue that emits every metric of OrchQueue's contract.
///
/// With a fleet file it serves real engines. Without one it runs four pools, one per engine of the contract: an
/// embedded n-gram engine, trained at start, takes the place of all four, so that no GPU and no download is needed.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Drive prompts through the queue, provoke every rejection, and show how far each metric got.
    Demo {
        /// How many prompts to drive.
        #[arg(long, default_value_t = 2400, value_parser = clap::value_parser!(u32).range(1..))]
        prompts: u32,
        /// Write the metrics page that was scraped last to this file.
        #[arg(long, value_name = "FILE")]
        scrape: Option<PathBuf>,
    },
    /// Serve the HTTP API until Ctrl-C or SIGTERM, then finish the admitted tasks.
    Serve {
        /// The address to listen on.
        #[arg(long, default_value = "127.0.0.1:9000")]
        addr: SocketAddr,
        /// The pools and their engines, instead of the embedded one; fleet.example.toml in this package shows every
        /// key.
        #[arg(long, value_name = "FILE", conflicts_with_all = ["policy", "queue_capacity", "token_delay_ms", "seed"])]
        fleet: Option<PathBuf>,
        /// Also push the metrics to an OpenTelemetry collector, as the OTEL_* environment variables configure.
        #[arg(long)]
        otlp: bool,
        /// What every pool does when its queue is full: reject, drop-lru or shed-low-priority [default: chat and
        /// reports reject, code drop-lru, summaries shed-low-priority].
        #[arg(long)]
        policy: Option<Policy>,
        /// How many tasks may wait in each pool.
        #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..))]
        queue_capacity: u16,
        /// The simulated time between two tokens, in milliseconds.
        #[arg(long, default_value_t = 20)]
        token_delay_ms: u32,
        /// The seed of the answers: one seed and one prompt give one answer.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// List where each metric of the contract comes from for each engine, or why it is absent.
    Sources,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            log(&format!("error: {error:#}"));
            ExitCode::from(2)
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    CONTRACT.self_check()?;
    match command {
        Command::Demo { prompts, scrape } => {
            let mut out = std::io::stdout();
            let demo::Outcome { missing, page } = demo::run(usize::try_from(prompts)?, &mut out).await?;
            for what in &missing {
                log(&format!("missing: {what}"));
            }
            if missing.is_empty() {
                writeln!(out, "\nThe queue keeps its contract.")?;
            }
            if let Some(file) = scrape {
                std::fs::write(&file, page).with_context(|| format!("cannot write {}", file.display()))?;
            }
            Ok(if missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Serve { addr, fleet: Some(file), otlp, .. } => {
            pushing(otlp, serve(addr, fleet::file::read(&file)?, false)).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Serve { addr, fleet: None, otlp, policy, queue_capacity, token_delay_ms, seed } => {
            let pace = Arc::new(Pace::new(Duration::from_millis(token_delay_ms.into())));
            let options = fleet::Options { policy, queue_capacity: queue_capacity.into(), pace, seed };
            pushing(otlp, serve(addr, fleet::configure(&options)?, true)).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Sources => {
            write!(std::io::stdout(), "{}", engine::table())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Writes a line for the operator. The queue keeps serving if stderr is closed.
fn log(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Serves, and also pushes if `otlp` is set.
async fn pushing(otlp: bool, serve: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let push = if otlp { Some(push::start(log)?) } else { None };
    let served = serve.await;
    if let Some(push) = push {
        push.stop().await.unwrap_or_else(|error| log(&format!("{error:#}")));
    }
    served
}

/// Serves the pools. The GPUs of this machine count for `embedded` engines only.
async fn serve(addr: SocketAddr, config: Config, embedded: bool) -> anyhow::Result<()> {
    let listener = TcpListener::bind(addr).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            anyhow::anyhow!("cannot listen on {addr}: address already in use; choose another with --addr")
        }
        _ => anyhow::Error::new(error).context(format!("cannot listen on {addr}; choose another with --addr")),
    })?;
    let addr = listener.local_addr()?;
    let orchestrator = Orchestrator::start_with_notices(config, Arc::new(|notice| log(&notice.to_string())))?;
    if embedded {
        let absent = gpu::sample(orchestrator.replicas().collect());
        for (metric, reason) in [("gpu_utilization", absent.utilization), ("vram_used_bytes", absent.vram_used)] {
            if let Some(reason) = reason {
                log(&format!("{metric} has no series: {reason}"));
            }
        }
    }
    let stop = stop_signal().context("cannot listen for signals")?;
    let (stopping, stopped) = oneshot::channel();
    let server = tokio::spawn(http::serve(listener, Arc::clone(&orchestrator), {
        let orchestrator = Arc::clone(&orchestrator);
        async move {
            stop.await;
            log("stopping after the admitted tasks, and admitting no more; send the signal again to stop at once");
            let _ = stopping.send(());
            orchestrator.drain().await;
        }
    }));
    let warming = tokio::spawn({
        let orchestrator = Arc::clone(&orchestrator);
        async move { orchestrator.warm_up().await }
    });
    if embedded {
        warming.await?;
    }
    writeln!(std::io::stdout(), "listening on http://{addr}; stop with Ctrl-C")?;
    let second_signal = async {
        match stopped.await.ok().and_then(|()| stop_signal().ok()) {
            Some(again) => again.await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        served = server => served?.context("the server failed"),
        () = second_signal => anyhow::bail!("stopped at once, before the admitted tasks were finished"),
    }
}

/// Ctrl-C, or the signal that service managers send. From this call on, neither ends the process directly.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ctrl-C. From this call on, it does not end the process by itself.
#[cfg(windows)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
