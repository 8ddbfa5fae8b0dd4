//! The errors of an exporter.

use std::io;
use std::time::Duration;

/// Why an exporter did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// It cannot run with a setting.
    #[error("metrics cannot be pushed: {setting}: {problem}")]
    Config {
        /// The setting: an environment variable, or the name of a method of [`Config`](super::Config).
        setting: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The system has no thread for it.
    #[error("metrics cannot be pushed: the export worker does not start: {0}")]
    Thread(#[source] io::Error),
}

impl StartError {
    pub(super) fn config(setting: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Config { setting: setting.into(), problem: problem.into() }
    }
}

/// Why a push did not deliver everything to the collector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// Data points were lost, for the reason of the last [`Loss`](super::Loss).
    #[error("metrics did not reach the collector: {0}")]
    Lost(String),
    /// The push did not finish within its limit.
    #[error("the push did not finish within {0:?}; the collector may hang")]
    TimedOut(Duration),
    /// The exporter has stopped.
    #[error("the exporter has stopped")]
    Stopped,
}
