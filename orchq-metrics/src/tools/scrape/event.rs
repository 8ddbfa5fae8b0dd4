//! What a line of a scrape contains, with the position of each part.

use std::borrow::Cow;
use std::ops::Range;

use super::format::FamilyType;
use crate::report::finding::{Finding, Location, Rule};

/// A line that is not blank, or a problem.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// The line's number, from 1.
    pub line: usize,
    /// The line, without its end. Bytes that are not UTF-8 are replaced.
    pub text: &'a str,
    /// What it contains.
    pub kind: EventKind<'a>,
}

/// What a line contains.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum EventKind<'a> {
    /// `# HELP`.
    Help {
        /// The family.
        name: Text<'a>,
        /// Its help.
        help: Text<'a>,
    },
    /// `# TYPE`.
    Type {
        /// The family.
        name: Text<'a>,
        /// Its type.
        family_type: FamilyType,
    },
    /// `# UNIT`, only in OpenMetrics.
    Unit {
        /// The family.
        name: Text<'a>,
        /// Its unit.
        unit: Text<'a>,
    },
    /// Any other comment.
    Comment,
    /// A sample.
    Sample(Sample<'a>),
    /// `# EOF`, only in OpenMetrics.
    Eof,
    /// What is not valid in the format. The next event is of the next line.
    Problem(Problem),
}

/// A part of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Text<'a> {
    raw: &'a str,
    start: usize,
    escaped: bool,
}

impl<'a> Text<'a> {
    pub(super) fn new(line: &'a str, range: Range<usize>, escaped: bool) -> Self {
        Self { raw: line.get(range.clone()).unwrap_or_default(), start: range.start, escaped }
    }

    /// As written, without the quotes.
    #[must_use]
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// Its position in the line.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.start..self.start + self.raw.len()
    }

    /// Without escapes: `\\`, `\"` and `\n` are a backslash, a quote and a line feed.
    #[must_use]
    pub fn unescaped(&self) -> Cow<'a, str> {
        if !self.escaped {
            return Cow::Borrowed(self.raw);
        }
        let mut text = String::with_capacity(self.raw.len());
        let mut characters = self.raw.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => text.push(match characters.next() {
                    Some('n') => '\n',
                    Some(escaped) => escaped,
                    None => '\\',
                }),
                plain => text.push(plain),
            }
        }
        Cow::Owned(text)
    }
}

/// A line of a series.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sample<'a> {
    /// The sample's name: with the suffix, such as `_bucket`, of a histogram.
    pub name: Text<'a>,
    /// Its labels, in their order.
    pub labels: LabelPairs<'a>,
    /// Its value.
    pub value: Number<'a>,
    /// Its time: milliseconds in the Prometheus text format, seconds in OpenMetrics.
    pub timestamp: Option<Number<'a>>,
    /// Its exemplar, only in OpenMetrics.
    pub exemplar: Option<Exemplar<'a>>,
}

/// A number and its spelling.
#[derive(Clone, Copy, Debug)]
pub struct Number<'a> {
    /// The number.
    pub number: f64,
    /// Its text.
    pub text: Text<'a>,
}

/// An exemplar.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exemplar<'a> {
    /// Its labels.
    pub labels: LabelPairs<'a>,
    /// Its value.
    pub value: Number<'a>,
    /// Its time in seconds.
    pub timestamp: Option<Number<'a>>,
}

/// The labels of a sample.
#[derive(Clone, Copy, Debug)]
pub struct LabelPairs<'a> {
    line: &'a str,
    spans: &'a [LabelSpan],
}

/// A label as positions in its line: one buffer of these serves every line.
#[derive(Clone, Copy, Debug)]
pub(super) struct LabelSpan {
    name: Span,
    value: Span,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    // A line is no longer than a mebibyte.
    start: u32,
    end: u32,
    escaped: bool,
}

impl Span {
    fn new(text: Text<'_>) -> Self {
        Self { start: text.start as u32, end: text.span().end as u32, escaped: text.escaped }
    }

    fn text(self, line: &str) -> Text<'_> {
        Text::new(line, self.start as usize..self.end as usize, self.escaped)
    }
}

impl LabelSpan {
    pub(super) fn new(label: LabelPair<'_>) -> Self {
        Self { name: Span::new(label.name), value: Span::new(label.value) }
    }

    pub(super) fn label(self, line: &str) -> LabelPair<'_> {
        LabelPair { name: self.name.text(line), value: self.value.text(line) }
    }
}

/// One label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LabelPair<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// Its value.
    pub value: Text<'a>,
}

impl<'a> LabelPairs<'a> {
    pub(super) fn new(line: &'a str, spans: &'a [LabelSpan]) -> Self {
        Self { line, spans }
    }

    /// Each, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = LabelPair<'a>> + use<'a> {
        let line = self.line;
        self.spans.iter().map(move |span| span.label(line))
    }

    /// Each with its text as written, from the name to the quote after the value.
    pub(crate) fn with_raw(&self) -> impl ExactSizeIterator<Item = (&'a str, LabelPair<'a>)> + use<'a> {
        let line = self.line;
        let raw = move |span: &LabelSpan| line.get(span.name.start as usize..span.value.end as usize + 1);
        self.spans.iter().map(move |span| (raw(span).unwrap_or_default(), span.label(line)))
    }

    /// The value of the label of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Text<'a>> {
        self.iter().find(|label| label.name.unescaped() == name).map(|label| label.value)
    }
}

/// What is wrong with a line, or with the whole text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The rule that it violates.
    pub rule: &'static Rule,
    /// What is wrong, and what was expected.
    pub message: String,
    /// The offending bytes of the line.
    pub span: Range<usize>,
}

impl Problem {
    #[cold]
    pub(super) fn new(rule: &'static Rule, message: impl Into<String>, span: Range<usize>) -> Self {
        Self { rule, message: message.into(), span }
    }

    /// The finding that reports it.
    #[cold]
    pub(crate) fn finding(&self, source: &str, line: usize, text: &str) -> Finding {
        self.rule.finding(source, &self.message).at(Location::new(source, line, text, self.span.clone()))
    }
}
