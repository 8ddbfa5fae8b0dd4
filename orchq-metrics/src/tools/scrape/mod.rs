//! Reads a scrape strictly: the Prometheus text format and OpenMetrics 1.0.
//!
//! [`families`] is for a scrape that fits into memory, such as that of an inference engine. It reports every line that
//! is not valid in the format, and rejects a body that is not an exposition: HTML, JSON, an exposition within a JSON
//! string, or binary.
//!
//! The formats are those of
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format> and
//! <https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md>. Numbers are those that
//! Prometheus accepts, which are Go's without hexadecimal digits and underscores.

pub(crate) mod catalog;
mod comment;
pub(crate) mod event;
mod families;
mod format;
mod labels;
mod lines;
pub(crate) mod number;
pub(crate) mod parser;
mod scan;
mod sniff;
#[cfg(test)]
mod tests;

pub(crate) use families::owner;
pub use families::{Family, Observations, Series, Value, families};
pub use format::{FamilyType, Format};
