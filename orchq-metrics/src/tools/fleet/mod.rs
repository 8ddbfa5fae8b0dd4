//! A whole fleet against the contract, as a server that has scraped it knows it: Prometheus, Thanos, Mimir,
//! `VictoriaMetrics`, or whatever else answers the Prometheus API.
//!
//! The server counts what breaks the contract and says in which job; a few instances are named as examples. No series
//! is fetched, and how many questions are asked depends on the contract alone, so that a fleet of thousands is checked
//! as a small one is.
//!
//! A process that says with `orchq_metrics_contract_info` that it promises something else under the contract's name is
//! behind or ahead. It is reported as that, and what it serves is not judged: it may keep its own promise.

pub mod answer;
mod breach;
pub(crate) mod catalog;
mod judge;
mod promql;
mod survey;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

pub use survey::{Endpoint, Request};

use self::answer::AnswerError;
use self::breach::{Breach, Kind};
use self::promql::Scope;
use crate::contract::owned::OwnedContract;
use crate::report::Report;

/// Which part of what a server knows is checked, and what its scrapes add.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// The jobs that are checked, each of which has to be there; without any, those that have the contract's names.
    pub jobs: Vec<String>,
    /// Labels that a scrape or a server adds, besides `job`, `instance` and those that `up` has in the same job.
    pub target_labels: Vec<String>,
    /// The time that is asked about, in seconds since 1970; without it, the server's own.
    pub at: Option<f64>,
    selector: Option<String>,
    window: Option<(String, Duration)>,
}

impl Options {
    /// Checks what a selector such as `{env="prod"}` selects alone. Its labels are such as `up` has too.
    ///
    /// # Errors
    ///
    /// When it is no selector, or one with a name.
    pub fn selector(mut self, selector: &str) -> Result<Self, String> {
        let matchers = crate::tools::rules::matchers(selector);
        self.selector = Some(matchers.map_err(|error| format!("`{selector}` is no selector: {error}"))?.to_owned());
        Ok(self)
    }

    /// Checks what was there at some time of a window such as `10m`, and not only what is there now.
    ///
    /// # Errors
    ///
    /// When it is no duration of PromQL.
    pub fn window(mut self, window: &str) -> Result<Self, String> {
        let parsed = promql_parser::util::parse_duration(window);
        // Prometheus before 3.0 wants a unit.
        let has_unit = window.len() < 100 && window.ends_with(|last: char| last.is_ascii_alphabetic());
        let parsed = parsed.ok().filter(|duration| !duration.is_zero() && has_unit);
        let wrong = || format!("`{window}` is no duration: expected one such as 10m or 1h30m");
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

    fn is_target_label(&self, breach: &Breach) -> bool {
        match &breach.kind {
            Kind::LabelUnknown { label } => {
                matches!(label.as_str(), "job" | "instance") || self.target_labels.contains(label)
            }
            _ => false,
        }
    }
}

/// Why a fleet could not be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SurveyError<E> {
    /// The server could not be asked.
    Ask(E),
    /// There is no API at the URL.
    NoApi,
    /// The server's answer cannot be used.
    Answer {
        /// What was asked.
        request: Request,
        /// What is wrong with the answer.
        error: AnswerError,
    },
}

impl<E> SurveyError<E> {
    fn is_refusal(&self) -> bool {
        matches!(self, Self::Answer { error: AnswerError::Refused { .. }, .. })
    }
}

impl<E: fmt::Display> fmt::Display for SurveyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask(error) => error.fmt(f),
            Self::NoApi => f.write_str(
                "there is no `api/v1/query` under the URL; is a prefix missing (`/prometheus` for Mimir, \
                 `/select/0/prometheus` for a VictoriaMetrics cluster)?",
            ),
            Self::Answer { request, error } => write!(f, "{}: {error}", request.endpoint.path()),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for SurveyError<E> {}

/// Checks a fleet. `ask` puts a question to a server and gives the body of its answer; `None` where the server has no
/// such endpoint.
///
/// [`Report::examined`] counts the series of the contract's names. Where there is none, no metric is reported as
/// missing.
///
/// ```
/// use std::convert::Infallible;
///
/// use orchq_metrics::fleet::{self, Options, Request};
/// use orchq_metrics::{OwnedContract, v1};
///
/// // A server that knows of nothing but one series, in a job that does not say which contract it has.
/// let ask = |request: &Request| {
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
/// let report = fleet::check(&contract, &Options::default(), ask)?;
/// assert_eq!(report.examined, 1);
/// assert!(report.findings.iter().any(|finding| finding.rule == "fleet-identity-missing"));
/// # Ok::<(), fleet::SurveyError<Infallible>>(())
/// ```
///
/// # Errors
///
/// When the server cannot be asked, or its answer cannot be used.
pub fn check<E>(
    contract: &OwnedContract,
    options: &Options,
    mut ask: impl FnMut(&Request) -> Result<Option<Vec<u8>>, E>,
) -> Result<Report, SurveyError<E>> {
    let evidence = survey::survey(contract, options, &mut ask)?;
    Ok(judge::report(contract, options, &evidence))
}
