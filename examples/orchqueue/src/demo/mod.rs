//! The demonstration: the whole queue over its real HTTP API, until every metric has been seen.

mod lint;
mod load;
mod provoke;
mod report;

use std::io::Write;
use std::net::Ipv4Addr;
use std::sync::Arc;

use anyhow::Context as _;
use indicatif::{ProgressBar, ProgressStyle};
use orchq_metrics::Allowance;
use orchq_metrics::v1::CONTRACT;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

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

/// Runs the demonstration and writes what it sees to `out`.
pub async fn run(prompts: usize, out: &mut dyn Write) -> anyhow::Result<Seen> {
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
    let mut missing = load.compare(&client.scrape().await?);

    writeln!(out, "\nprovoked:")?;
    stage.refusals(out).await?;
    stage.policies(out).await?;
    stage.cancellations(out).await?;

    let page = client.metrics().await?;
    missing.extend(report::write(&Scrape::parse(&page), &absent.excuse(CONTRACT.check()).coverage(), out)?);
    missing.extend(lint::write(&page, &allowances(&absent), out)?);

    drop(client);
    drop(stop);
    orchestrator.drain().await;
    server.await?.context("the server failed")?;
    Ok(Seen { missing, page })
}

/// What the scrape may lack or be told of.
fn allowances(absent: &gpu::Absent) -> Vec<Allowance> {
    let abbreviated = Allowance::new("promlint-abbreviated:latency_*_ms", "the contract's document names them");
    let gpu = [("gpu_utilization", &absent.utilization), ("vram_used_bytes", &absent.vram_used)];
    let absent = gpu.into_iter().filter_map(|(metric, reason)| {
        Some(Allowance::new(&format!("scrape-family-missing:{metric}"), reason.as_ref()?))
    });
    absent.chain([abbreviated]).collect()
}
