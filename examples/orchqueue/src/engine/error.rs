//! Errors of an engine.

use std::time::Duration;

use crate::fetch::{FetchError, UrlError};

/// An engine that did not answer, or answered wrongly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The response did not arrive, or not completely.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The address cannot be used.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The stream stopped without an end: the connection closed before the engine reported its end.
    #[error("the stream of {0} ended before the answer did")]
    Truncated(String),
    /// Nothing arrived for too long.
    #[error("the stream of {url} was silent for {limit:?}")]
    Silent {
        /// The requested URL.
        url: String,
        /// The time limit.
        limit: Duration,
    },
    /// The first answer did not end in time, although it was not silent.
    #[error("the first answer had no end within {0:?}")]
    Endless(Duration),
    /// The engine reported an error.
    #[error("the engine reported an error: {0}")]
    Failed(String),
    /// An event, or the whole answer, is past its limit.
    #[error("{what} of {url} is larger than {limit} bytes")]
    TooLarge {
        /// The requested URL.
        url: String,
        /// Which part.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The response has another form.
    #[error("{url} gave an unexpected response: {what}")]
    Unexpected {
        /// The requested URL.
        url: String,
        /// What it is instead.
        what: String,
    },
}

impl EngineError {
    /// The message for a client of the queue, without the addresses of the fleet.
    pub fn to_client(&self) -> String {
        match self {
            Self::Fetch(FetchError::Unreachable { .. }) => "the engine cannot be reached".to_owned(),
            Self::Fetch(FetchError::Timeout { limit, .. }) => format!("the engine did not answer within {limit:?}"),
            Self::Fetch(FetchError::Status { status, message, .. }) => format!("the engine answered {status}{message}"),
            Self::Fetch(FetchError::Truncated { .. }) | Self::Truncated(_) => {
                "the stream of the engine ended before the answer did".to_owned()
            }
            Self::Fetch(FetchError::TooLarge { limit, .. }) => {
                format!("the answer of the engine is larger than {limit} bytes")
            }
            Self::Url(_) => "the address of the engine cannot be used".to_owned(),
            Self::Silent { limit, .. } => format!("the stream of the engine was silent for {limit:?}"),
            Self::TooLarge { what, limit, .. } => format!("{what} of the engine is larger than {limit} bytes"),
            Self::Unexpected { what, .. } => format!("the engine gave an unexpected response: {what}"),
            Self::Endless(_) | Self::Failed(_) => self.to_string(),
        }
    }
}
