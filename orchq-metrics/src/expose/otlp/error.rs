//! What can go wrong with an exporter, as its owner is told.

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

    /// Which setting it is: an environment variable, or what the method of [`Config`](super::Config) is called.
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
    /// The system gave it no thread.
    Thread(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => write!(f, "metrics cannot be pushed: {error}"),
            Self::Thread(error) => write!(f, "metrics cannot be pushed: no thread to do it on: {error}"),
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

/// Why a push that was waited for did not bring everything to the collector.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushError {
    /// Points were lost; the text of the last [`Loss`](super::Loss).
    Lost(String),
    /// It was not over in the time that it was given.
    TimedOut(Duration),
    /// The exporter's thread is gone.
    Stopped,
}

impl fmt::Display for PushError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(why) => write!(f, "metrics did not reach the collector: {why}"),
            Self::TimedOut(limit) => write!(f, "the push was not over after {limit:?}; the collector may hang"),
            Self::Stopped => f.write_str("the exporter has stopped"),
        }
    }
}

impl std::error::Error for PushError {}
