//! Pushes the metrics to an OpenTelemetry collector.

use std::time::Duration;

use anyhow::Context as _;
use orchq_metrics::otlp::{Config, Exporter};
use orchq_metrics::v1::CONTRACT;

/// How long the last push may take, so that an unreachable collector does not keep the queue from stopping.
const LAST_PUSH: Duration = Duration::from_secs(5);

/// Pushes until it is stopped, as the `OTEL_*` variables configure.
pub struct Push(Exporter);

/// Starts to push, and logs what is lost.
pub fn start(log: impl Fn(&str) + Send + Sync + 'static) -> anyhow::Result<Push> {
    let config = Config::new(env!("CARGO_PKG_NAME"))
        .resource("service.version", env!("CARGO_PKG_VERSION"))
        .on_loss(move |loss| {
            let (points, endpoint, why) = (loss.points, &loss.endpoint, &loss.why);
            log(&format!("{points} data points did not reach {endpoint}: {why}"));
        })
        .with_env()
        .context("--otlp")?;
    Ok(Push(Exporter::start(&[&CONTRACT], config).context("--otlp")?))
}

impl Push {
    /// Pushes a last time.
    pub async fn stop(self) -> anyhow::Result<()> {
        let stopped = tokio::task::spawn_blocking(move || self.0.shutdown(LAST_PUSH)).await?;
        stopped.context("the last push")
    }
}
