//! Pushes contracts to an OpenTelemetry collector, as protobuf over HTTP or over gRPC.
//!
//! ```no_run
//! use std::time::Duration;
//! use orchq_metrics::contracts;
//! use orchq_metrics::otlp::{Config, Exporter};
//!
//! let config = Config::new("orchqueue")
//!     .resource("service.version", env!("CARGO_PKG_VERSION"))
//!     .on_loss(|loss| eprintln!("{} data points did not reach {}: {}", loss.points, loss.endpoint, loss.why))
//!     .with_env()?;
//! let exporter = Exporter::start(&contracts(), config)?;
//! // ... serve ...
//! exporter.shutdown(Duration::from_secs(5))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is sent
//!
//! The families that [`text::encode`](crate::text::encode) serves, with the crate's own:
//!
//! - Counters as monotonic sums and histograms with explicit bounds, both cumulative; gauges as gauges. The bounds are
//!   the contract's buckets, and each bucket counts only its own observations.
//! - Labels as string attributes of the data points, under their own names, without conditional labels that do not
//!   apply.
//! - A start time for each series, which stays the same until the series ends. A series that was
//!   [removed](crate::Contract::remove) and comes back has a new one. Series of the first push start with the exporter.
//! - The contract's name and version as instrumentation scope. A metric that several contracts promise in the same way
//!   is sent once, under the first. The crate's own families are in the scope `orchq-metrics`.
//! - `service.*` and the configured attributes as resource.
//!
//! # Names survive
//!
//! By default Prometheus and the collector append the unit of a metric to its name, which would break the contract. So
//! a unit is sent as a [UCUM](https://ucum.org/ucum) code only if the name has it already (`vram_used_bytes` in `By`,
//! `kv_cache_usage_ratio` in `1`), and otherwise as an annotation, which no translation appends (`latency_decode_ms` in
//! `{milliseconds}`, `gpu_utilization` in `{percent}`, `tasks_started_total` in `{task}`). A name with two underscores
//! in a row, one at an end, or a second `total` is translated to another whatever its unit.
//!
//! # When the collector is away
//!
//! The exporter retries after 429, 502, 503, 504, their gRPC counterparts, and when there is no answer. It waits for
//! the delay that the collector requests, up to ten minutes, or for one that doubles. It drops what is not delivered in
//! time; [`Exporter`] says why that loses no count. [`Status`], [`Config::on_loss`] and three families of the scrape
//! report it:
//!
//! | family | labels |
//! | --- | --- |
//! | `orchq_metrics_otlp_requests_total` | `endpoint`, `outcome`: `accepted`, `partial`, `failed`, `refused` |
//! | `orchq_metrics_otlp_points_total` | `endpoint`, `outcome`: `accepted`, `rejected`, `dropped` |
//! | `orchq_metrics_otlp_last_success_timestamp_seconds` | `endpoint` |

mod config;
mod env;
mod error;
mod exporter;
mod request;
mod start_times;
mod status;
mod transport;
mod worker;

pub use config::{Config, Protocol};
pub use error::{PushError, StartError};
pub use exporter::Exporter;
pub use status::{Loss, Status};
