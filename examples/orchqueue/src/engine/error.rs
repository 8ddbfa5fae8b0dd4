//! How a conversation with an engine fails.

use std::time::Duration;

use crate::fetch::{FetchError, UrlError};

/// An engine that did not answer, or not as it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The answer did not come, or not whole.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The address cannot be used.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The stream stopped without an end: the connection closed before the engine said that it had finished.
    #[error("the stream of {0} ended before the answer did")]
    Truncated(String),
    /// Nothing came for too long.
    #[error("the stream of {url} was silent for {limit:?}")]
    Silent {
        /// What was asked.
        url: String,
        /// How long was waited.
        limit: Duration,
    },
    /// The first answer did not end in time, though it was not silent.
    #[error("the first answer had no end within {0:?}")]
    Endless(Duration),
    /// The engine gave up, and says why.
    #[error("the engine gave up: {0}")]
    Failed(String),
    /// An event, or the whole answer, is past its limit.
    #[error("{what} of {url} is larger than {limit} bytes")]
    TooLarge {
        /// What was asked.
        url: String,
        /// Which part.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The answer is of another form.
    #[error("{url} answered what is not expected of it: {what}")]
    Unexpected {
        /// What was asked.
        url: String,
        /// What it was.
        what: String,
    },
}

impl EngineError {
    /// What a client of the queue is told: the same, without the addresses of the fleet.
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
            Self::Unexpected { what, .. } => format!("the engine answered what is not expected of it: {what}"),
            Self::Endless(_) | Self::Failed(_) => self.to_string(),
        }
    }
}
