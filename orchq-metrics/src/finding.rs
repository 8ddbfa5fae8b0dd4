//! What a check found: one model, whatever was checked and however it is shown.

use std::fmt;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Severity {
    /// Worth knowing; a check passes with it.
    Warning,
    /// The contract is broken; a check fails with it.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One thing that a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Finding {
    /// The rule that was broken: a stable name, to be matched and allowed by.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about: a metric's or a contract's name.
    pub subject: String,
    /// What is wrong, and where.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Finding {
    pub(crate) fn error(
        rule: &'static str,
        subject: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { rule, severity: Severity::Error, subject: subject.into(), message: message.into(), help: help.into() }
    }

    pub(crate) fn warning(
        rule: &'static str,
        subject: impl Into<String>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self { severity: Severity::Warning, ..Self::error(rule, subject, message, help) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] {}: {}\n  help: {}", self.severity, self.rule, self.subject, self.message, self.help)
    }
}
