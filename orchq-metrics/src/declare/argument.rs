//! The error of what takes a text.

use std::fmt;

/// A text that is not what a function takes. `Display` says what is wrong with it.
///
/// ```
/// let error = "fatal".parse::<orchq_metrics::Severity>().unwrap_err();
/// assert_eq!(error.to_string(), "`fatal` is not a severity; the severities are note, warning, error");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentError(String);

impl ArgumentError {
    pub(crate) const fn new(message: String) -> Self {
        Self(message)
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ArgumentError {}
