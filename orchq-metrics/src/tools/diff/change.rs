//! One change between two contracts, and how much it asks of those who read the metrics.

use std::fmt;

use super::catalog::Row;
use crate::report::finding::{Finding, Severity};

/// What a change does to those who read the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Class {
    /// A text reads otherwise; what is promised is the same, and so is the fingerprint.
    Documentation,
    /// Something else is promised, and whoever relied on the old promise still may.
    Compatible,
    /// Somebody's query, alert or dashboard may no longer mean what it meant.
    Breaking,
}

impl Class {
    /// How much a change of this class matters where no version announces it.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Documentation | Self::Compatible => Severity::Note,
            Self::Breaking => Severity::Error,
        }
    }

    /// The class as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documentation => "documentation",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// One thing that another version of a contract says otherwise.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Change {
    /// What it does to consumers.
    pub class: Class,
    /// The rule that says why: the [`id`](crate::Rule::id) of a row of the [`table`](super::table()).
    pub rule: &'static str,
    /// The metric, by its old name where it had one; nothing for a change of the contract as a whole.
    pub metric: Option<String>,
    /// The label, by its old name where it had one.
    pub label: Option<String>,
    /// What changed, in a few words.
    pub what: String,
    /// What the old contract says, where it says something.
    pub before: Option<String>,
    /// What the new contract says, where it says something.
    pub after: Option<String>,
    /// What to do about it.
    pub help: String,
    #[cfg_attr(feature = "serde", serde(skip))]
    row: &'static Row,
}

impl Change {
    pub(super) fn new(row: &'static Row, what: impl Into<String>) -> Self {
        Self {
            class: row.class,
            rule: row.rule.id,
            metric: None,
            label: None,
            what: what.into(),
            before: None,
            after: None,
            help: row.rule.help.to_owned(),
            row,
        }
    }

    pub(super) fn of_metric(mut self, name: &str) -> Self {
        self.metric = Some(name.to_owned());
        self
    }

    pub(super) fn of_label(mut self, name: &str) -> Self {
        self.label = Some(name.to_owned());
        self
    }

    pub(super) fn before(mut self, text: impl fmt::Display) -> Self {
        self.before = Some(text.to_string());
        self
    }

    pub(super) fn after(mut self, text: impl fmt::Display) -> Self {
        self.after = Some(text.to_string());
        self
    }

    pub(super) fn help(mut self, text: impl Into<String>) -> Self {
        self.help = text.into();
        self
    }

    /// The finding that says so. A breaking change that the version announces is no error: it
    /// breaks whoever takes the new version, and they are told.
    pub(super) fn finding(&self, contract: &str, announced: bool) -> Finding {
        let subject = self.metric.as_deref().unwrap_or(contract);
        let mut finding = self.row.rule.finding(subject, self.to_string()).help(self.help.as_str());
        if announced {
            finding.severity = finding.severity.min(Severity::Warning);
        }
        finding
    }
}

/// ```text
/// unit changed: milliseconds -> seconds
/// ```
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => write!(f, ": {before} -> {after}"),
            (Some(one), None) | (None, Some(one)) => write!(f, ": {one}"),
            (None, None) => Ok(()),
        }
    }
}
