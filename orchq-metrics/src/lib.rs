//! Metrics as a contract, enforced from the source line to the scrape.
//!
//! Names and label sets of metrics are promises: dashboards and alerts stand on them,
//! and nobody is told when one is broken. Here the promise is Rust code, every
//! emission is an annotated place, and a self-check at startup and in a test
//! confirms that each metric of the contract has one.
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
//! assert_eq!(coverage.metric("tasks_rejected_total").unwrap().rung(), Rung::Hit);
//!
//! let body = orchq_metrics::text::encode(&v1::CONTRACT);
//! assert!(body.contains("tasks_rejected_total{reason=\"POOL_UNREADY\",engine=\"vllm\"} 1\n"));
//! ```
//!
//! # Where to look
//!
//! - [`v1`] is OrchQueue's own contract of thirteen metrics; [`contract`](macro@contract) declares another.
//! - [`emits`] is the annotation, [`Label`](derive@Label) and [`Labels`](derive@Labels) make label types.
//! - [`Contract`] has the checks ([`self_check`](Contract::self_check), [`coverage`](Contract::coverage),
//!   [`check`](Contract::check)) and `register`, for a `prometheus::Registry`;
//!   [`text`] encodes for `/metrics`.
//! - [`Contract::snapshot`] is how emissions are tested, and [`Contract::remove`] ends the series of what is gone.
//! - [`Coverage`] says how far each metric has come, with [`Finding`]s for what is wrong.
//! - `otlp`, behind a feature, pushes a contract to an OpenTelemetry collector.
//! - `lint`, `spec`, `sites`, `rules`, `fleet`, `diff` and `export`, behind the features below, are the command
//!   `orchq-metrics` as functions: scrapes, documents, binaries, queries, fleets and changes against the same contract.
//!   `scrape` reads expositions.
//!
//! # Limits
//!
//! - The linker collects the sites, so they are those of the crates that the binary uses. A
//!   crate that is named in `Cargo.toml` alone is not linked; `use that_crate as _;` links it.
//! - Every dynamic library has sites of its own.
//! - The platforms are [linkme's](https://github.com/dtolnay/linkme): Linux, macOS, Windows, BSDs, illumos and some
//!   without an operating system, but not WebAssembly. Miri cannot read link sections.
//!
//! # Features
//!
//! - `prometheus` (on by default): `Contract::register`, for a `Registry` of the crate `prometheus`. Without it nothing
//!   of that crate is built.
//! - `serde`: [`Coverage`], [`Finding`] and descriptors implement `Serialize`, to be reported as JSON.
//! - `tools`: `OwnedContract`, the checks of scrapes, documents, binaries, rules, dashboards, fleets and changes, and the
//!   exports. Includes `serde`.
//! - `otlp`: pushes to an OpenTelemetry collector, over HTTP and gRPC.
//! - `cli`: the command `orchq-metrics`, which is arguments and renderers around these. Includes `tools`.

#![doc(html_root_url = "https://docs.rs/orchq-metrics/0.1.0")]
#![warn(unreachable_pub)]
#![cfg_attr(docsrs, feature(doc_cfg))]

// What the macros expand to names this crate by its own name, also in here.
extern crate self as orchq_metrics;

mod concurrent;
mod contract;
mod coverage;
mod declare;
mod emit;
mod expose;
mod macros;
mod report;
mod store;
#[cfg(feature = "tools")]
mod tools;
pub mod v1;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use contract::Contract;
pub use contract::owned::{OwnedCondition, OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
pub use coverage::check::{Check, SelfCheckError};
pub use coverage::evidence::{Exemption, Expectation};
pub use coverage::site::SiteUse;
pub use coverage::table::CoverageTable;
pub use coverage::{Coverage, MetricCoverage, Rung};
pub use declare::desc::{MetricDesc, MetricKind, Unit};
pub use declare::label::{
    Condition, EMPTY, Label, LabelDesc, LabelError, LabelValues, Labels, MAX_VALUE_BYTES, OVERFLOW, ParseLabelError,
    Symbol,
};
pub use emit::emission::{Emission, Handle, Timer};
pub use emit::metric::Metric;
#[cfg(feature = "otlp")]
pub use expose::otlp;
pub use expose::snapshot::{Difference, Snapshot};
pub use expose::text;
pub use macros::{Label, Labels, contract, emits};
pub use report::color::Color;
pub use report::finding::{Finding, Location, Rule, Severity};
#[cfg(feature = "tools")]
pub use report::{Omitted, Report};
#[cfg(feature = "tools")]
pub use tools::catalog::{every_rule, nearest_rule, rule};
#[cfg(feature = "tools")]
pub use tools::contract_file::{ContractFileDiagnostic, ContractFileError};
#[cfg(feature = "tools")]
pub use tools::suppress::Suppression;
#[cfg(feature = "tools")]
pub use tools::{diff, export, fleet, lint, rules, scrape, sites, spec};

/// Renderings of what the crate knows. They read; they never decide.
pub mod render {
    pub use crate::contract::markdown::markdown;
    #[cfg(feature = "cli")]
    pub use crate::report::render::{github, json, people};
}

/// What the command, the tests and the fuzzing of this crate need. Not a stable interface.
#[cfg(feature = "tools")]
#[doc(hidden)]
pub mod __unstable {
    pub use crate::tools::binary;
    pub use crate::tools::rules_page::rule_list;

    /// The parser of expositions.
    pub mod scrape {
        pub use crate::tools::scrape::event::{
            Event, EventKind, Exemplar, LabelPair, LabelPairs, Number, Problem, ProblemKind, Sample, Text,
        };
        pub use crate::tools::scrape::parser::Parser;
    }
}
