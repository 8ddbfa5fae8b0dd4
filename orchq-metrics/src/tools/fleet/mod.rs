//! Checks a whole fleet against the contract, by what a server has scraped: Prometheus, Thanos, Mimir, `VictoriaMetrics`,
//! or any other server with the Prometheus API.
//!
//! The server counts the violations of each job; a few instances are named as examples. No series is fetched, and the
//! number of queries depends only on the contract, so that a fleet of thousands is checked like a small one.
//!
//! A process whose `orchq_metrics_contract_info` has another fingerprint under the contract's name is behind or ahead. It
//! is reported as such, and its series are not checked: they may be as its own contract says.

pub(crate) mod answer;
pub(crate) mod catalog;
mod collect;
mod evaluate;
mod promql;
#[cfg(test)]
mod tests;
mod violation;

use std::fmt;
use std::time::Duration;

pub use answer::AnswerError;
pub use collect::{Endpoint, Request};

use self::promql::Scope;
use self::violation::{Kind, Violation};
use crate::contract::owned::OwnedContract;
use crate::report::Report;

/// Which part of a fleet is checked, and which labels its scrapes add.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FleetOptions {
    /// The jobs to check, each of which must exist; without any, all jobs with the contract's names.
    pub jobs: Vec<String>,
    /// Labels that a scrape or a server adds, besides `job`, `instance` and those of `up` in the same job.
    pub target_labels: Vec<String>,
    /// The time to check, in seconds since 1970; without it, the server's current time.
    pub at: Option<f64>,
    selector: Option<String>,
    window: Option<(String, Duration)>,
}

impl FleetOptions {
    /// Checks only what a selector such as `{env="prod"}` selects. `up` must have its labels too.
    ///
    /// # Errors
    ///
    /// When it is not a selector, or has a name.
    pub fn selector(mut self, selector: &str) -> Result<Self, String> {
        let matchers = crate::tools::promql::matchers(selector);
        self.selector = Some(matchers.map_err(|error| format!("`{selector}` is not a selector: {error}"))?.to_owned());
        Ok(self)
    }

    /// Checks everything within a window such as `10m`, and not only the current series.
    ///
    /// # Errors
    ///
    /// When it is not a duration of PromQL.
    pub fn window(mut self, window: &str) -> Result<Self, String> {
        let parsed = promql_parser::util::parse_duration(window);
        // Prometheus before 3.0 requires a unit.
        let has_unit = window.len() < 100 && window.ends_with(|last: char| last.is_ascii_alphabetic());
        let parsed = parsed.ok().filter(|duration| !duration.is_zero() && has_unit);
        let wrong = || format!("`{window}` is not a duration; expected for example 10m or 1h30m");
        self.window = Some((window.to_owned(), parsed.ok_or_else(wrong)?));
        Ok(self)
    }

    fn scope(&self) -> Scope {
        let window = self.window.as_ref().map(|(window, _)| window.as_str());
        Scope::new(&self.jobs, self.selector.as_deref(), window)
    }

    fn window_seconds(&self) -> f64 {
        self.window.as_ref().map_or(0.0, |(_, duration)| duration.as_secs_f64())
    }

    fn is_target_label(&self, violation: &Violation) -> bool {
        let is_added =
            |label: &String| matches!(label.as_str(), "job" | "instance") || self.target_labels.contains(label);
        matches!(&violation.kind, Kind::LabelUnknown { label } if is_added(label))
    }
}

/// Why a fleet could not be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FleetError<E> {
    /// The request to the server failed.
    Client(E),
    /// The URL has no Prometheus API.
    NoApi,
    /// The server's answer cannot be used.
    Answer {
        /// The request.
        request: Request,
        /// The problem with the answer.
        error: AnswerError,
    },
}

impl<E> FleetError<E> {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Answer { error: AnswerError::Refused { .. }, .. })
    }
}

impl<E: fmt::Display> fmt::Display for FleetError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(error) => error.fmt(f),
            Self::NoApi => f.write_str(
                "the URL has no `api/v1/query`; is a prefix missing (`/prometheus` for Mimir, \
                 `/select/0/prometheus` for a VictoriaMetrics cluster)?",
            ),
            Self::Answer { request, error } => write!(f, "{}: {error}", request.endpoint.path()),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for FleetError<E> {}

/// Checks a fleet. `send` sends a request to the server and returns the body of its answer, or `None` if the server does
/// not have the endpoint.
///
/// [`Report::examined`] counts the series with the contract's names. If there are none, no metric is reported as missing.
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
