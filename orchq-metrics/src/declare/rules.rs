//! The rules of a contract that need only its texts and numbers. They are written in the macros, for `#[contract]`; a
//! contract that is read from a file follows the same rules.

#![cfg_attr(not(all(feature = "tools", feature = "otlp")), allow(dead_code, reason = "each feature uses a part"))]

orchq_metrics_macros::__shared!();
