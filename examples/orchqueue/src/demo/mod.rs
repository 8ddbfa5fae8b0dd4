//! The demonstration: drives the queue over its HTTP API until every metric has recorded something, and checks the
//! result.

mod lint;
mod load;
mod provoke;
mod report;
mod screen;

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use orchq_metrics::v1::CONTRACT;
use orchq_metrics::{Rung, Suppression};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::Client;
use crate::engine::ngram::Pace;
use crate::orchestrator::Orchestrator;
use crate::scrape::Scrape;
use crate::worker::gpu;
use crate::{fleet, http};

/// How many tasks may wait in each pool. The load keeps at most this many in flight, so that none is rejected by
/// chance: rejections are provoked one by one.
const QUEUE_CAPACITY: usize = 16;

/// The result of a demonstration.
#[derive(Debug)]
pub struct Outcome {
    /// What the metrics should have and do not have.
    pub missing: Vec<String>,
    /// The last metrics page.
    pub page: String,
}

/// A queue that has been driven, and still serves.
#[must_use = "the queue stops when this is dropped; `end` waits until it has"]
pub struct Driven {
    /// A client of it.
    pub client: Client,
    /// Where it listens.
    pub address: SocketAddr,
    /// The GPU metrics that this machine cannot record.
    pub absent: gpu::Absent,
    /// Differences between the metrics and what was sent.
    pub missing: Vec<String>,
    orchestrator: Arc<Orchestrator>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Driven {
    /// Stops the queue after its last admitted task.
    pub async fn end(self) -> anyhow::Result<()> {
        drop(self.client);
        drop(self.stop);
        self.orchestrator.drain().await;
        self.server.await?.context("the server failed")
    }
}

/// Runs the demonstration and writes its report to `out`.
pub async fn run(prompts: usize, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    introduce(out)?;
    let mut queue = drive(prompts, out).await?;
    let mut missing = std::mem::take(&mut queue.missing);
    let page = queue.client.metrics().await?;
    let coverage = queue.absent.excuse(CONTRACT.check()).coverage();
    missing.extend(report::write(&Scrape::parse(&page)?, &coverage, out)?);
    missing.extend(lint::write(&page, &suppressions(&queue.absent), out)?);
    queue.end().await?;
    Ok(Outcome { missing, page })
}

/// Explains what follows.
fn introduce(out: &mut dyn Write) -> std::io::Result<()> {
    let metrics = CONTRACT.metrics().count();
    let linked = CONTRACT.coverage().metrics.iter().filter(|metric| metric.rung >= Rung::Linked).count();
    let (name, version) = (CONTRACT.name(), CONTRACT.version());
    writeln!(
        out,
        "This is a task queue in front of LLM inference engines. Its metrics are a contract, `{name}`\n\
         {version}: {metrics} metrics, each with a fixed name, fixed labels and a unit. The demo drives the queue\n\
         over HTTP, with one small embedded text model in place of the engines, and then shows the\n\
         highest rung of each metric:\n\
         \x20 declared  it is in the contract\n\
         \x20 linked    a function annotated for it, with #[emits(..)], is in this program\n\
         \x20 hit       such a function has recorded a value\n\
         The check at startup passed: {linked} of {metrics} metrics are linked.",
    )
}

/// Drives a queue until every metric that this machine can record has recorded, and every value of the closed labels
/// that it counts by has occurred. Every task has ended when this returns.
///
/// Metrics belong to the process, and the counts are compared with what was sent: nothing else should have recorded
/// before.
pub async fn drive(prompts: usize, out: &mut dyn Write) -> anyhow::Result<Driven> {
    let pace = Arc::new(Pace::default());
    let options = fleet::Options { policy: None, queue_capacity: QUEUE_CAPACITY, pace: Arc::clone(&pace), seed: 1 };
    let orchestrator = Orchestrator::start(fleet::configure(&options)?)?;
    let absent = gpu::sample(orchestrator.replicas().collect());

    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot listen on the loopback")?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(http::serve(listener, Arc::clone(&orchestrator), async {
        // Also over when the sender is dropped, which is what an early return does.
        let _ = stopped.await;
    }));
    let client = Client::new(address);
    let stage = provoke::Stage { client: &client, orchestrator: &orchestrator, pace: &pace };
    writeln!(out, "\nThe queue listens on http://{address}. Its four pools reject tasks until they are warm")?;
    stage.unready_pools(out).await?;
    orchestrator.warm_up().await;

    let bar = ProgressBar::new(prompts as u64)
        .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} prompts, {eta} left")?);
    let load = load::drive(&client, prompts, QUEUE_CAPACITY, &bar).await?;
    bar.finish_and_clear();
    writeln!(out, "\nLoad over every pool and priority")?;
    screen::write(out, 2, &load)?;
    let missing = load.compare(&client.scrape().await?);
    if missing.is_empty() {
        screen::write(out, 2, "the metrics count exactly these prompts and tokens")?;
    }

    writeln!(out, "\nEvery other rejection and cancellation, provoked one by one")?;
    stage.refusals(out).await?;
    stage.policies(out).await?;
    stage.cancellations(out).await?;
    Ok(Driven { client, address, absent, missing, orchestrator, stop, server })
}

/// The findings of `lint` that are expected, and why.
fn suppressions(absent: &gpu::Absent) -> Vec<Suppression> {
    let gpu = [("gpu_utilization", &absent.utilization), ("vram_used_bytes", &absent.vram_used)];
    let absent = gpu.into_iter().filter_map(|(metric, reason)| {
        Some(Suppression::new(&format!("scrape-family-missing:{metric}"), reason.as_ref()?))
    });
    let named_in_ms = "the contract's document names these metrics in milliseconds";
    absent.chain([Suppression::new("promlint-abbreviated:latency_*_ms", named_in_ms)]).collect()
}
