//! Why a fleet could not be checked.

use std::fmt;

use super::answer::AnswerError;
use super::request::Request;

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
    pub(super) fn is_refusal(&self) -> bool {
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
