//! The demonstration: the whole queue over its real HTTP API, until every metric has been seen.

mod lint;
mod load;
mod provoke;
mod report;

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use orchq_metrics::Suppression;
use orchq_metrics::v1::CONTRACT;
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

/// What is left of a demonstration.
#[derive(Debug)]
pub struct Seen {
    /// What should have been seen and was not.
    pub missing: Vec<String>,
    /// The last metrics page.
    pub page: String,
}

/// A queue that has done everything a queue does, and goes on serving.
#[must_use = "the queue stops when this is dropped; `end` waits until it has"]
pub struct Driven {
    /// A client of it.
    pub client: Client,
    /// Where it listens.
    pub address: SocketAddr,
    /// What this machine has no GPU for.
    pub absent: gpu::Absent,
    /// What the wire carried and the metrics did not count.
    pub missing: Vec<String>,
    orchestrator: Arc<Orchestrator>,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Driven {
    /// Stops the queue, once it has worked off what it admitted.
    pub async fn end(self) -> anyhow::Result<()> {
        drop(self.client);
        drop(self.stop);
        self.orchestrator.drain().await;
        self.server.await?.context("the server failed")
    }
}

/// Runs the demonstration and writes what it sees to `out`.
pub async fn run(prompts: usize, out: &mut dyn Write) -> anyhow::Result<Seen> {
    let mut queue = drive(prompts, out).await?;
    let mut missing = std::mem::take(&mut queue.missing);
    let page = queue.client.metrics().await?;
    missing.extend(report::write(&Scrape::parse(&page), &queue.absent.excuse(CONTRACT.check()).coverage(), out)?);
    missing.extend(lint::write(&page, &suppressions(&queue.absent), out)?);
    queue.end().await?;
    Ok(Seen { missing, page })
}

/// Drives a queue until every metric that this machine can hit is hit, and every value of the closed labels that
/// it counts by. Every task has ended when this returns.
///
/// The metrics belong to the process, and what was counted is compared with what went over the wire: nothing else
/// should have recorded before.
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
    writeln!(out, "the queue listens on http://{address}; one embedded n-gram engine stands in for all four engines")?;

    let client = Client::new(address);
    let stage = provoke::Stage { client: &client, orchestrator: &orchestrator, pace: &pace };
    writeln!(out, "\nbefore the pools are warm:")?;
    stage.unready_pools(out).await?;
    orchestrator.warm_up().await;

    let bar = ProgressBar::new(prompts as u64)
        .with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} prompts, {eta} left")?);
    let load = load::drive(&client, prompts, QUEUE_CAPACITY, &bar).await?;
    bar.finish_and_clear();
    writeln!(out, "\nload:\n  {load}")?;
    let missing = load.compare(&client.scrape().await?);

    writeln!(out, "\nprovoked:")?;
    stage.refusals(out).await?;
    stage.policies(out).await?;
    stage.cancellations(out).await?;
    Ok(Driven { client, address, absent, missing, orchestrator, stop, server })
}

/// What the scrape may lack or be told of.
fn suppressions(absent: &gpu::Absent) -> Vec<Suppression> {
    let abbreviated = Suppression::new("promlint-abbreviated:latency_*_ms", "the contract's document names them");
    let gpu = [("gpu_utilization", &absent.utilization), ("vram_used_bytes", &absent.vram_used)];
    let absent = gpu.into_iter().filter_map(|(metric, reason)| {
        Some(Suppression::new(&format!("scrape-family-missing:{metric}"), reason.as_ref()?))
    });
    absent.chain([abbreviated]).collect()
}
