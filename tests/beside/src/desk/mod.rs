//! A desk that answers questions: without metrics, with the crate `prometheus`, and with a contract. What the second
//! and the third have more than the first is what metrics take to write.

pub mod with_contract;
pub mod with_prometheus;
pub mod without_metrics;
