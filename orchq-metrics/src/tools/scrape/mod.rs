//! A strict reader of what a scrape serves: the Prometheus text format and OpenMetrics 1.0.
//!
//! [`Parser`] reads line by line, in bounded memory, and gives [`Event`]s with the place of each part; [`families`]
//! is for a scrape that fits into memory, such as that of an inference engine. Both tell of every line that is not
//! of the format, and refuse a body that is none of it: HTML, JSON, an exposition within a JSON string, binary.
//!
//! The formats are those of
//! <https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format> and
//! <https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md>. Numbers are those that
//! Prometheus reads, which are Go's without hexadecimal digits and underscores.

pub(crate) mod catalog;
mod comment;
mod event;
mod families;
mod format;
mod labels;
mod lines;
mod number;
mod parser;
mod refuse;
mod scan;
#[cfg(test)]
mod tests;

pub use event::{Event, EventKind, Exemplar, LabelPair, LabelPairs, Number, Problem, ProblemKind, Sample, Text};
pub(crate) use families::owner;
pub use families::{Bucket, Family, Histogram, Quantile, Series, Summary, Value, families};
pub use format::{FamilyType, Format};
pub use lines::MAX_LINE_BYTES;
pub(crate) use number::float;
pub use parser::Parser;
