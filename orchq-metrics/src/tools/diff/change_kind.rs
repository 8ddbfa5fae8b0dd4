//! What a change does to consumers.

use std::fmt;

use crate::report::finding::Severity;

/// What a change does to the queries, alerts and dashboards that read the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum ChangeKind {
    /// A text changed; the metrics, their series and the fingerprint are the same.
    Documentation,
    /// Existing queries, alerts and dashboards still work.
    Compatible,
    /// An existing query, alert or dashboard may fail or change its meaning.
    Breaking,
}

impl ChangeKind {
    /// How much a change of this kind matters if the new version is too low for it.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Self::Documentation | Self::Compatible => Severity::Note,
            Self::Breaking => Severity::Error,
        }
    }

    /// The kind as it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documentation => "documentation",
            Self::Compatible => "compatible",
            Self::Breaking => "breaking",
        }
    }
}

impl fmt::Display for ChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
