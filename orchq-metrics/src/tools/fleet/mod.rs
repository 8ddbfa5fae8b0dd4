//! Checks a whole fleet against the contract, by what a server has scraped: Prometheus, Thanos, Mimir,
//! `VictoriaMetrics`, or any other server with the Prometheus API.
//!
//! The server counts the violations of each job; a few instances are named as examples. No series is fetched, and the
//! number of queries depends only on the contract, so that a fleet of thousands is checked like a small one.
//!
//! A process whose `orchq_metrics_contract_info` has another fingerprint under the contract's name is behind or ahead.
//! It is reported as such, and its series are not checked: they may be as its own contract says.

pub(crate) mod answer;
pub(crate) mod catalog;
mod collect;
mod error;
mod evaluate;
mod options;
mod promql;
mod request;
#[cfg(test)]
mod tests;
mod violation;

pub use answer::AnswerError;
pub use error::FleetError;
pub use options::FleetOptions;
pub use request::{Endpoint, Request};

use crate::contract::owned::OwnedContract;
use crate::report::Report;

/// Checks a fleet. `send` sends a request to the server and returns the body of its answer, or `None` if the server
/// does not have the endpoint.
///
/// [`Report::examined`] counts the series with the contract's names. If there are none, no metric is reported as
/// missing.
///
/// ```
/// use std::convert::Infallible;
///
/// use orchq_metrics::fleet::{self, FleetOptions, Request};
/// use orchq_metrics::{OwnedContract, v1};
///
/// // A server with one series, of a job that does not report its contract.
/// let send = |request: &Request| {
///     let asked = &request.fields[0].1;
///     let rows = match asked.starts_with("count by (job, __name__) ({__name__=~\"tasks_enqueued_total|") {
///         true => r#"{"metric":{"job":"worker","__name__":"queue_depth"},"value":[1,"1"]}"#,
///         false => "",
///     };
///     let data = match request.endpoint {
///         fleet::Endpoint::Query => format!(r#"{{"resultType":"vector","result":[{rows}]}}"#),
///         _ => "null".to_owned(),
///     };
///     Ok::<_, Infallible>(Some(format!(r#"{{"status":"success","data":{data}}}"#).into_bytes()))
/// };
/// let contract = OwnedContract::from(&v1::CONTRACT);
/// let report = fleet::check(&contract, &FleetOptions::default(), send)?;
/// assert_eq!(report.examined, 1);
/// assert!(report.findings.iter().any(|finding| finding.rule == "fleet-identity-missing"));
/// # Ok::<(), fleet::FleetError<Infallible>>(())
/// ```
///
/// # Errors
///
/// When a request fails, or an answer cannot be used.
pub fn check<E>(
    contract: &OwnedContract,
    options: &FleetOptions,
    mut send: impl FnMut(&Request) -> Result<Option<Vec<u8>>, E>,
) -> Result<Report, FleetError<E>> {
    let data = collect::collect(contract, options, &mut send)?;
    Ok(evaluate::report(contract, options, &data))
}
