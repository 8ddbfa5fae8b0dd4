//! Metrics as plain data: descriptions, units, labels, and the rules that the compiler evaluates.

pub(crate) mod assertions;
pub(crate) mod desc;
pub(crate) mod fnv;
pub(crate) mod label;
pub(crate) mod rules;
#[cfg(any(feature = "otlp", feature = "tools"))]
pub(crate) mod ucum;
pub(crate) mod unit;
pub(crate) mod units;
