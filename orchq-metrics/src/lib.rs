//! Metrics as a contract, enforced from the source line to the scrape.
//!
//! Dashboards and alerts depend on the names and labels of metrics, and break silently when one changes. Here
//! the metrics are a contract in Rust code, every function that records one is annotated, and a self-check at
//! startup and in a test confirms that each metric of the contract is recorded somewhere.
//!
//! ```
//! use orchq_metrics::v1::{self, Engine, RejectReason, tasks_rejected_total};
//! use orchq_metrics::{Rung, emits};
//!
//! #[emits(tasks_rejected_total)]
//! fn reject(reason: RejectReason, engine: Engine) {
//!     tasks_rejected_total { reason, engine }.inc();
//! }
//!
//! reject(RejectReason::PoolUnready, Engine::Vllm);
//!
//! let coverage = v1::CONTRACT.coverage();
//! assert_eq!(coverage.metric("tasks_rejected_total").unwrap().rung, Rung::Hit);
//!
//! let body = orchq_metrics::text::encode(&v1::CONTRACT);
//! assert!(body.contains("tasks_rejected_total{reason=\"POOL_UNREADY\",engine=\"vllm\"} 1\n"));
//! ```
//!
//! # Where to look
//!
//! - [`contract`](macro@contract) declares a contract; [`v1`] is OrchQueue's, with thirteen metrics.
//! - [`emits`] annotates a function, [`Label`](derive@Label) and [`Labels`](derive@Labels) derive label types;
//!   [`buckets`] has those of the Prometheus clients.
//! - [`Contract`] has the checks ([`self_check`](Contract::self_check), [`coverage`](Contract::coverage),
//!   [`check`](Contract::check)) and `register`, for a `prometheus::Registry`;
//!   [`text`] encodes for `/metrics`. [`contracts`] has the same for all contracts of a binary at once.
//! - [`Contract::on_scrape`] runs a function before each scrape, for values that are read when they are asked for.
//! - [`Contract::snapshot`] tests emissions, and [`Contract::remove`] removes the series of a replica that is gone.
//! - [`Coverage`] has the state of each metric, and the [`Finding`]s.
//! - `otlp`, behind a feature, pushes a contract to an OpenTelemetry collector.
//! - `process`, behind a feature, is the contract of the standard metrics of a process.
//! - `lint`, `document`, `sites`, `rules`, `fleet`, `diff` and `export`, behind the features below, are the functions
//!   of the command `orchq-metrics`: they check scrapes, documents, binaries, queries, fleets and changes.
//!
//! # Limits
//!
//! - The linker collects the sites of the crates that the binary uses. A crate that only `Cargo.toml` names is not
//!   linked; `use that_crate as _;` links it.
//! - Each dynamic library has its own sites.
//! - The platforms are [linkme's](https://github.com/dtolnay/linkme): Linux, macOS, Windows, BSDs, illumos and some
//!   without an operating system, but not WebAssembly. Miri cannot read link sections.
//!
//! # Features
//!
//! - `prometheus` (on by default): `Contract::register`, for a `Registry` of the crate `prometheus`.
//! - `serde`: [`Coverage`], [`Finding`] and descriptors implement `Serialize`, and what a report consists of, such as
//!   [`Finding`], implements `Deserialize`.
//! - `tools`: the checks of scrapes, documents, binaries, rules, dashboards, fleets and changes, and the exports.
//!   Includes `serde`.
//! - `otlp`: pushes to an OpenTelemetry collector, over HTTP and gRPC.
//! - `process`: the standard metrics of a process, as a contract.
//! - `cli`: the command `orchq-metrics`. Includes `tools`.

#![doc(html_root_url = "https://docs.rs/orchq-metrics/0.1.0")]
#![warn(unreachable_pub)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// Generated code names this crate by its own name, also in here.
extern crate self as orchq_metrics;

mod concurrent;
mod contract;
mod coverage;
mod declare;
mod emit;
mod expose;
mod macros;
mod outcome;
#[cfg(feature = "process")]
pub mod process;
mod report;
mod store;
#[cfg(feature = "tools")]
mod tools;
pub mod v1;

#[doc(hidden)]
pub mod private;

pub use contract::Contract;
pub use contract::linked::{Contracts, contracts};
pub use contract::on_scrape::OnScrape;
pub use contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
pub use coverage::check::{Check, SelfCheckError};
pub use coverage::contracts::{ContractsCheck, ContractsCoverage};
pub use coverage::evidence::Exemption;
pub use coverage::site::SiteUse;
pub use coverage::{Coverage, MetricCoverage, Rung};
pub use declare::argument::ArgumentError;
pub use declare::buckets;
pub use declare::desc::{MetricDesc, MetricKind, Unit};
pub use declare::label::{Condition, Label, LabelDesc, LabelError, LabelValues, Labels, Symbol};
pub use declare::lifecycle::{Deprecation, OldName};
pub use emit::emission::{Emission, Handle, InFlight, Timed, Timer};
pub use emit::metric::Metric;
#[cfg(feature = "otlp")]
pub use expose::otlp;
pub use expose::snapshot::{Difference, Snapshot};
pub use expose::text;
pub use macros::{Label, Labels, contract, emits};
pub use outcome::Outcome;
pub use report::color::Color;
pub use report::finding::{Finding, Location, Rule, Severity};
#[cfg(feature = "tools")]
pub use report::{Omitted, Report};
#[cfg(feature = "tools")]
pub use tools::contract_file::{ContractFileDiagnostic, ContractFileError};
#[cfg(feature = "tools")]
pub use tools::suppress::Suppression;
#[cfg(feature = "tools")]
pub use tools::{diff, document, export, fleet, lint, rules, scrape, sites};

/// What the command, the tests and the fuzzing of this crate need. Not a stable interface.
#[cfg(feature = "tools")]
#[doc(hidden)]
pub mod __unstable {
    pub use crate::declare::label::is_label_name;
    pub use crate::report::nearest::did_you_mean;
    #[cfg(feature = "cli")]
    pub use crate::report::render;
    pub use crate::tools::binary;
    pub use crate::tools::rules_page::rule_list;
    pub use crate::tools::sites::binary::from_records;

    /// The answers of a server.
    pub mod fleet_answer {
        pub use crate::tools::fleet::answer::{Metadata, Row, TargetMetadata, data, refusal, vector};
    }

    /// The parser of expositions.
    pub mod scrape {
        pub use crate::tools::scrape::event::{
            Event, EventKind, Exemplar, LabelPair, LabelPairs, Number, Problem, Sample, Text,
        };
        pub use crate::tools::scrape::parser::Parser;
    }
}
