//! The errors of an exporter.

use std::fmt;
use std::io;
use std::time::Duration;

/// A setting that an exporter cannot run with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    setting: String,
    problem: String,
}

impl ConfigError {
    pub(super) fn new(setting: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { setting: setting.into(), problem: problem.into() }
    }

    /// The setting: an environment variable, or the name of a method of [`Config`](super::Config).
    #[must_use]
    pub fn setting(&self) -> &str {
        &self.setting
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.setting, self.problem)
    }
}

impl std::error::Error for ConfigError {}

/// Why an exporter did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// It cannot run with its settings.
    Config(ConfigError),
    /// The system has no thread for it.
    Thread(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => write!(f, "metrics cannot be pushed: {error}"),
            Self::Thread(error) => write!(f, "metrics cannot be pushed: the export worker does not start: {error}"),
        }
    }
}

impl std::error::Error for StartError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Config(error) => Some(error),
            Self::Thread(error) => Some(error),
        }
    }
}

impl From<ConfigError> for StartError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

/// Why a push did not deliver everything to the collector.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushError {
    /// Data points were lost, for the reason of the last [`Loss`](super::Loss).
    Lost(String),
    /// The push did not finish within its limit.
    TimedOut(Duration),
    /// The exporter has stopped.
    Stopped,
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(why) => write!(f, "metrics did not reach the collector: {why}"),
            Self::TimedOut(limit) => write!(f, "the push did not finish within {limit:?}; the collector may hang"),
            Self::Stopped => f.write_str("the exporter has stopped"),
        }
    }
}

impl std::error::Error for PushError {}
