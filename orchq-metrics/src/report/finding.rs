//! A finding: one model for every check and every renderer.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use crate::declare::argument::ArgumentError;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Severity {
    /// Information; nothing is wrong.
    Note,
    /// Worth knowing; the check still passes.
    Warning,
    /// The contract is broken; the check fails.
    Error,
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Note, Self::Warning, Self::Error];

    /// Its name, as in reports and in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = ArgumentError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let names = || Self::ALL.map(Self::as_str).join(", ");
        let unknown = || ArgumentError::new(format!("`{name}` is not a severity; the severities are {}", names()));
        Self::ALL.into_iter().find(|severity| severity.as_str() == name).ok_or_else(unknown)
    }
}

/// One rule of a check. Every finding is made from a rule, so every finding can be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Rule {
    /// Its stable name, for matching and suppressing.
    pub id: &'static str,
    /// How much its findings matter.
    pub severity: Severity,
    /// What it checks, in a sentence or a few.
    pub description: &'static str,
    /// Something that violates it.
    pub example: &'static str,
    /// What to do about a finding.
    pub help: &'static str,
}

impl Rule {
    /// A finding of this rule; its help is the rule's help, until [`Finding::help`] is more exact.
    pub(crate) fn finding(&self, subject: impl Into<String>, message: impl Into<String>) -> Finding {
        Finding {
            rule: Cow::Borrowed(self.id),
            severity: self.severity,
            subject: subject.into(),
            message: message.into(),
            help: self.help.to_owned(),
            location: None,
        }
    }
}

/// Declares one `static` for each rule, and `RULES`, the list of them in the order of the page.
macro_rules! rules {
    ($($name:ident: $severity:ident, $id:literal {
        description: $description:literal,
        example: $example:expr,
        help: $help:expr,
    })*) => {
        #[cfg(feature = "tools")]
        pub(crate) static RULES: &[&$crate::report::finding::Rule] = &[$(&$name),*];
        $(pub(crate) static $name: $crate::report::finding::Rule = $crate::report::finding::Rule {
            id: $id,
            severity: $crate::report::finding::Severity::$severity,
            description: $description,
            example: $example,
            help: $help,
        };)*
    };
}
pub(crate) use rules;

/// One result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Finding {
    /// The rule that was violated: the [`id`](Rule::id) of a [`Rule`].
    pub rule: Cow<'static, str>,
    /// How much it matters.
    pub severity: Severity,
    /// What it is about: a metric's or a contract's name.
    pub subject: String,
    /// What is wrong, and what was expected.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// The text that it is about, where a text was checked.
    pub location: Option<Location>,
}

impl Finding {
    /// The same finding with help of its own.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// The same finding, at a location in a text.
    #[cfg(feature = "tools")]
    #[must_use]
    pub(crate) fn at(mut self, location: Location) -> Self {
        self.location = Some(location);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] {}: {}", self.severity, self.rule, self.subject, self.message)?;
        if let Some(place) = &self.location {
            write!(f, "\n  at {place}")?;
        }
        write!(f, "\n  help: {}", self.help)
    }
}

/// Where in a text something is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Location {
    /// The file, the URL, or `-` for standard input.
    pub source: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// The line's text without its end; of a very long line, the part around the span.
    pub text: String,
    /// The bytes of `text` that the finding is about; empty for a position between two characters.
    pub span: Range<usize>,
}

/// `file:line:column`.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.source, self.line, self.column)
    }
}

/// How much of a line is kept on either side of a span.
#[cfg(feature = "tools")]
const CONTEXT_BYTES: usize = 2_000;

#[cfg(feature = "tools")]
impl Location {
    /// The bytes `span` of a line without its end. A span that does not fit is shortened.
    pub(crate) fn new(source: &str, line: usize, text: &str, span: Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start);
        let end = text.floor_char_boundary(span.end.min(start.saturating_add(CONTEXT_BYTES))).max(start);
        let from = text.floor_char_boundary(start.saturating_sub(CONTEXT_BYTES));
        let to = text.floor_char_boundary(end.saturating_add(CONTEXT_BYTES));
        Self {
            source: source.to_owned(),
            line,
            column: text[..start].chars().count() + 1,
            text: text[from..to].to_owned(),
            span: start - from..end - from,
        }
    }

    /// Whether `text` leaves out the beginning of the line, so that the column is greater than the text shows.
    #[cfg(feature = "cli")]
    pub(crate) fn is_cut(&self) -> bool {
        let before = self.text.get(..self.span.start).unwrap_or_default();
        self.column > before.chars().count() + 1
    }
}

#[cfg(all(test, feature = "tools"))]
mod tests {
    use super::*;

    #[test]
    fn a_location_counts_characters_and_keeps_to_the_line() {
        let place = Location::new("a.prom", 3, "é{pool=\"x\"} 1", 3..7);
        assert_eq!((place.line, place.column, &place.text[place.span.clone()]), (3, 3, "pool"));
        assert_eq!(place.to_string(), "a.prom:3:3");
        let past = Location::new("a.prom", 1, "ab", 7..9);
        assert_eq!((past.column, past.span), (3, 2..2));
        let long = "é".repeat(10_000);
        let place = Location::new("a.prom", 1, &long, 9_001..9_005);
        assert_eq!(place.column, 4_501);
        assert_eq!(&place.text[place.span.clone()], "éé");
        assert!(place.text.len() <= 2 * CONTEXT_BYTES + 8, "{}", place.text.len());
    }
}
