//! One change between two contracts.

use std::borrow::Cow;
use std::fmt;

use super::catalog::row::Row;
use super::change_kind::ChangeKind;
use crate::report::finding::{Finding, Severity};

/// One difference between two versions of a contract.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Change {
    /// What it does to consumers.
    pub kind: ChangeKind,
    /// The rule that explains it: the [`id`](crate::Rule::id) of a row of the table in [`diff`](crate::diff).
    pub rule: Cow<'static, str>,
    /// The metric, by its old name if it had one; `None` for a change of the contract as a whole.
    pub metric: Option<String>,
    /// The label, by its old name if it had one.
    pub label: Option<String>,
    /// What changed, in a few words.
    pub what: String,
    /// What the old contract has.
    pub before: Option<String>,
    /// What the new contract has.
    pub after: Option<String>,
    /// What to do about it.
    pub help: String,
}

impl Change {
    pub(super) fn new(row: &'static Row, what: impl Into<String>) -> Self {
        Self {
            kind: row.kind,
            rule: Cow::Borrowed(row.rule.id),
            metric: None,
            label: None,
            what: what.into(),
            before: None,
            after: None,
            help: row.rule.help.to_owned(),
        }
    }

    /// A change from one value to the other, if they differ.
    pub(super) fn between<T: PartialEq + fmt::Display>(
        row: &'static Row,
        what: impl Into<String>,
        before: T,
        after: T,
    ) -> Option<Self> {
        (before != after).then(|| Self::new(row, what).before(before).after(after))
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

    /// The finding that reports it; a warning at most if the new version is high enough.
    pub(super) fn finding(&self, contract: &str, version_is_high_enough: bool) -> Finding {
        let subject = self.metric.as_deref().unwrap_or(contract);
        let severity = self.kind.severity();
        Finding {
            rule: self.rule.clone(),
            severity: if version_is_high_enough { severity.min(Severity::Warning) } else { severity },
            subject: subject.to_owned(),
            message: self.to_string(),
            help: self.help.clone(),
            location: None,
        }
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
