//! What orchq-metrics costs beside its peers.
//!
//! ```console
//! $ cargo bench -p orchq-metrics-bench --bench table
//! ```
//!
//! measures everything, checks every candidate's totals, prints the tables and writes them to `RESULTS.md`.
//! [`raw`] holds the limits, [`ours`] this library and [`peers`] the others; what they share is in
//! `orchq-metrics-bench-harness`.

pub mod contest;
pub mod generated;
pub mod machine;
pub mod ours;
pub mod peers;
pub mod raw;
pub mod report;
pub mod rounds;
pub mod scrapes;
pub mod sections;
