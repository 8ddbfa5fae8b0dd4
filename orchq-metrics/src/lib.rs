//! Metrics as a contract: names and label sets are Rust types, every emission is an
//! annotated place, and a check at startup and in a test confirms that each
//! contracted metric has one.

#![doc(html_root_url = "https://docs.rs/orchq-metrics/0.1.0")]

// What the macros expand to names this crate by its own name, also in here.
extern crate self as orchq_metrics;

mod assertions;
mod check;
mod collector;
mod contract;
mod coverage;
mod desc;
mod exposition;
mod finding;
mod label;
mod metric;
pub mod render;
mod site;
mod store;
pub mod text;
mod unit;
pub mod v1;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use check::{Check, SelfCheckError};
pub use contract::Contract;
pub use coverage::{Coverage, Exemption, Expectation, MetricCoverage, Rung, SiteUse};
pub use desc::{MetricDesc, MetricKind, Unit};
pub use finding::{Finding, Severity};
#[doc(no_inline)]
pub use label::Label as LabelTrait;
pub use label::{
    EMPTY, Label, LabelDesc, LabelError, LabelValues, Labels, MAX_VALUE_BYTES, OVERFLOW, ParseLabelError, Symbol,
};
pub use metric::{Emission, Handle, Metric, Resolved, Timer};
pub use orchq_metrics_macros::{Label, Labels, contract, emits};
pub use render::{Color, CoverageTable};
