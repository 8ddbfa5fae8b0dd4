//! Pushes a contract to an OpenTelemetry collector, as protobuf over HTTP or over gRPC.
//!
//! ```no_run
//! use std::time::Duration;
//! use orchq_metrics::otlp::{Config, Exporter};
//! use orchq_metrics::v1::CONTRACT;
//!
//! let config = Config::new("orchqueue")
//!     .resource("service.version", env!("CARGO_PKG_VERSION"))
//!     .on_loss(|loss| eprintln!("{} data points did not reach {}: {}", loss.points, loss.endpoint, loss.why))
//!     .with_env()?;
//! let exporter = Exporter::start(&[&CONTRACT], config)?;
//! // ... serve ...
//! exporter.shutdown(Duration::from_secs(5))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is sent
//!
//! The families that [`text::encode`](crate::text::encode) serves, with the crate's own:
//!
//! - Counters as monotonic sums, histograms with explicit bounds, both cumulative; gauges as gauges. The contract's buckets are
//!   the bounds, and each bucket has its own observations alone.
//! - Labels as attributes of the data points, under their own names, as strings. A conditional label that does not apply is absent.
//! - A start time for each series, which stays the same until the series ends. One that is [removed](crate::Contract::remove) and
//!   comes back starts anew. What is there at the first push has started with the exporter.
//! - The contract's name and version as instrumentation scope; a metric that several contracts promise alike is sent
//!   once, under the first. What the crate says of itself is in the scope `orchq-metrics`.
//! - `service.*` and what else was given as resource.
//!
//! # Names survive
//!
//! By default Prometheus and the collector put the unit of a metric into its name. The contract's names are promises, so a unit is
//! sent as a [UCUM](https://ucum.org/ucum) code only where the name says it already (`vram_used_bytes` in `By`,
//! `kv_cache_usage_ratio` in `1`), and as an annotation elsewhere (`latency_decode_ms` in `{milliseconds}`,
//! `gpu_utilization` in `{percent}`, `tasks_started_total` in `{task}`), which no translation puts into a name. A name with
//! two underscores in a row, with one at an end, or with a second `total` is translated to another whatever its unit.
//!
//! # When the collector is away
//!
//! A push is tried again for 429, 502, 503, 504, their gRPC counterparts, and when there is no answer: after the pause that
//! the collector asks for, up to ten minutes, or with one that doubles. What it does not take in time is given up; see [`Exporter`]
//! for why that loses no count. [`Status`], [`Config::on_loss`] and three families of the scrape tell of it:
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
mod line;
mod pump;
mod request;
mod starts;
mod status;
mod transport;

pub use config::{Config, Protocol};
pub use error::{ConfigError, PushError, StartError};
pub use exporter::Exporter;
pub use status::{Loss, Status};
