//! One line, taken apart in one go. Nothing is copied: what is found are places in the line.

use std::ops::Range;

use super::event::{LabelPair, Problem, ProblemKind, Text};
use super::format::{FamilyType, Format};
use super::number;

/// A part of a line, and whether it has escapes in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    end: u32,
    escaped: bool,
}

impl Span {
    fn new(start: usize, end: usize) -> Self {
        // A line is no longer than a mebibyte.
        Self { start: start as u32, end: end as u32, escaped: false }
    }

    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    pub(super) fn text(self, line: &str) -> Text<'_> {
        Text::new(line, self.range(), self.escaped)
    }
}

/// A label, as places in the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct LabelSpan {
    pub(super) name: Span,
    pub(super) value: Span,
}

impl LabelSpan {
    pub(super) fn label(self, line: &str) -> LabelPair<'_> {
        LabelPair { name: self.name.text(line), value: self.value.text(line) }
    }

    pub(super) fn pair(self, line: &str) -> &str {
        line.get(self.name.start as usize..self.value.end as usize + 1).unwrap_or_default()
    }
}

/// What a line says, as places in it.
#[derive(Clone, Debug)]
pub(super) enum Parsed {
    Blank,
    Comment,
    Help { name: Span, help: Span },
    Type { name: Span, family_type: FamilyType, spelled: Span },
    Unit { name: Span, unit: Span },
    Eof,
    Sample(SampleSpans),
}

#[derive(Clone, Debug)]
pub(super) struct SampleSpans {
    pub(super) name: Span,
    /// How many of the labels are the sample's; the rest are the exemplar's.
    pub(super) labels: usize,
    pub(super) value: (f64, Span),
    pub(super) timestamp: Option<(f64, Span)>,
    pub(super) exemplar: Option<ExemplarSpans>,
}

#[derive(Clone, Debug)]
pub(super) struct ExemplarSpans {
    pub(super) value: (f64, Span),
    pub(super) timestamp: Option<(f64, Span)>,
}

/// What a byte can be part of.
pub(super) const LABEL_START: u8 = 1;
pub(super) const LABEL: u8 = 2;
const METRIC_START: u8 = 4;
const METRIC: u8 = 8;

const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let character = byte as u8;
        classes[byte] = match character {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => LABEL_START | LABEL | METRIC_START | METRIC,
            b'0'..=b'9' => LABEL | METRIC,
            b':' => METRIC_START | METRIC,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

fn is(byte: Option<u8>, class: u8) -> bool {
    byte.is_some_and(|byte| CLASSES[byte as usize] & class != 0)
}

/// Takes a line apart; its labels are appended to `labels`.
pub(super) fn line(line: &str, format: Format, labels: &mut Vec<LabelSpan>) -> Result<Parsed, Problem> {
    let mut scanner = Scanner { line, bytes: line.as_bytes(), at: 0, strict: format == Format::OpenMetrics };
    scanner.line(format, labels)
}

pub(super) struct Scanner<'a> {
    pub(super) line: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Whether one space stands where the text format has any number of blanks, or none.
    pub(super) strict: bool,
}

pub(super) type Scan<T> = Result<T, Problem>;

impl<'a> Scanner<'a> {
    fn line(&mut self, format: Format, labels: &mut Vec<LabelSpan>) -> Scan<Parsed> {
        if !self.strict {
            self.blanks();
        }
        match self.peek() {
            None if self.strict => Err(self.syntax("an empty line, which OpenMetrics does not have", 0..0)),
            None => Ok(Parsed::Blank),
            Some(b'#') => self.comment(format),
            Some(_) => self.sample(labels).map(Parsed::Sample),
        }
    }

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    /// Passes over blanks, and says whether there were any.
    #[inline]
    pub(super) fn blanks(&mut self) -> bool {
        let start = self.at;
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        self.at > start
    }

    /// Blanks between labels, which OpenMetrics does not have.
    #[inline]
    pub(super) fn inner_blanks(&mut self) {
        if !self.strict {
            self.blanks();
        }
    }

    /// What separates two parts of a line.
    #[inline]
    pub(super) fn gap(&mut self) -> bool {
        if self.strict { self.take(b' ') } else { self.blanks() }
    }

    #[cold]
    pub(super) fn syntax(&self, message: impl Into<String>, span: Range<usize>) -> Problem {
        Problem::new(ProblemKind::Syntax, message, span)
    }

    /// A problem with the character that comes next.
    #[cold]
    pub(super) fn unexpected(&self, expected: &str) -> Problem {
        match self.line.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => {
                let message = format!("expected {expected}, found {found:?}");
                self.syntax(message, self.at..self.at + found.len_utf8())
            }
            None => self.syntax(format!("expected {expected}, and the line ends"), self.at..self.at),
        }
    }

    /// A name, unquoted or quoted.
    #[inline]
    pub(super) fn name(&mut self, start: u8, more: u8, expected: &str) -> Scan<Span> {
        if self.peek() == Some(b'"') {
            return self.quoted(expected);
        }
        let from = self.at;
        if !is(self.peek(), start) {
            return Err(self.unexpected(expected));
        }
        while is(self.peek(), more) {
            self.at += 1;
        }
        Ok(Span::new(from, self.at))
    }

    pub(super) fn metric_name(&mut self) -> Scan<Span> {
        self.name(METRIC_START, METRIC, "a metric name, of letters, digits, `_` and `:`")
    }

    /// What is between two quotes.
    #[inline]
    pub(super) fn quoted(&mut self, expected: &str) -> Scan<Span> {
        let quote = self.at;
        if !self.take(b'"') {
            return Err(self.unexpected(expected));
        }
        let mut escaped = false;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape(true)?;
                }
                Some(_) => self.at += 1,
                None => return Err(self.syntax("this quote has no counterpart on the line", quote..quote + 1)),
            }
        }
        let span = Span { escaped, ..Span::new(quote + 1, self.at) };
        self.at += 1;
        Ok(span)
    }

    /// Passes over a backslash and what it escapes.
    pub(super) fn escape(&mut self, quotes: bool) -> Scan<()> {
        match self.bytes.get(self.at + 1) {
            Some(b'\\' | b'n') => {}
            Some(b'"') if quotes => {}
            _ => {
                let escaped = self.line.get(self.at + 1..).and_then(|rest| rest.chars().next());
                let end = self.at + 1 + escaped.map_or(0, char::len_utf8);
                let known = if quotes { "`\\\\`, `\\\"` and `\\n`" } else { "`\\\\` and `\\n`" };
                let message = match escaped {
                    Some(escaped) => format!("`\\{escaped}` is no escape; there are {known}"),
                    None => format!("a backslash escapes nothing; there are {known}"),
                };
                return Err(self.syntax(message, self.at..end));
            }
        }
        self.at += 2;
        Ok(())
    }

    fn sample(&mut self, labels: &mut Vec<LabelSpan>) -> Scan<SampleSpans> {
        let mut name = None;
        if self.peek() != Some(b'{') {
            name = Some(self.metric_name()?);
            self.inner_blanks();
        }
        let braces = self.peek() == Some(b'{');
        if braces {
            self.labels(&mut name, labels)?;
        }
        let Some(name) = name else {
            return Err(self.syntax("the braces hold no metric name, and none is before them", 0..self.at));
        };
        let own = labels.len();
        // In the text format a brace separates well enough.
        let separated = self.gap() || self.line.get(..self.at).is_some_and(|before| before.ends_with([' ', '\t']));
        if !separated && (self.strict || !braces) {
            return Err(self.unexpected("a blank and a value"));
        }
        let value = self.number("a value")?;
        let mut timestamp = None;
        let mut exemplar = None;
        if self.gap() && self.peek().is_some() {
            if !(self.strict && self.peek() == Some(b'#')) {
                timestamp = Some(self.timestamp()?);
                self.gap();
            }
            if self.strict && self.take(b'#') {
                exemplar = Some(self.exemplar(labels)?);
            }
        } else if self.strict && self.bytes.last() == Some(&b' ') {
            return Err(self.syntax("a space at the end of the line", self.at - 1..self.at));
        }
        if self.peek().is_some() {
            return Err(self.syntax("more than a name, labels, a value and a timestamp", self.at..self.bytes.len()));
        }
        Ok(SampleSpans { name, labels: own, value, timestamp, exemplar })
    }

    fn number(&mut self, expected: &str) -> Scan<(f64, Span)> {
        let word = self.word();
        let text = self.line.get(word.range()).unwrap_or_default();
        match number::float(text) {
            Some(number) => Ok((number, word)),
            None if text.is_empty() => Err(self.unexpected(expected)),
            None => Err(self.syntax(format!("expected {expected}, a number, `NaN`, `+Inf` or `-Inf`"), word.range())),
        }
    }

    pub(super) fn word(&mut self) -> Span {
        let start = self.at;
        while !matches!(self.peek(), None | Some(b' ' | b'\t')) {
            self.at += 1;
        }
        Span::new(start, self.at)
    }

    fn timestamp(&mut self) -> Scan<(f64, Span)> {
        let word = self.word();
        let text = self.line.get(word.range()).unwrap_or_default();
        let (time, expected) = if self.strict {
            let time = number::float(text).filter(|time| time.is_finite());
            (time, "expected a timestamp, which is a number of seconds")
        } else {
            let time = text.parse::<i64>().ok().map(|time| time as f64);
            (time, "expected a timestamp, which is a whole number of milliseconds")
        };
        time.map(|time| (time, word)).ok_or_else(|| match text {
            "" => self.unexpected("a timestamp"),
            _ => self.syntax(expected, word.range()),
        })
    }

    fn exemplar(&mut self, labels: &mut Vec<LabelSpan>) -> Scan<ExemplarSpans> {
        if !self.take(b' ') || self.peek() != Some(b'{') {
            return Err(self.unexpected("one space and the labels of an exemplar"));
        }
        self.labels(&mut Some(Span::default()), labels)?;
        if !self.take(b' ') {
            return Err(self.unexpected("one space and the value of an exemplar"));
        }
        let value = self.number("the value of an exemplar")?;
        let timestamp = if self.take(b' ') { Some(self.timestamp()?) } else { None };
        Ok(ExemplarSpans { value, timestamp })
    }

    pub(super) fn span(&self, start: usize, end: usize, escaped: bool) -> Span {
        Span { escaped, ..Span::new(start, end) }
    }
}
