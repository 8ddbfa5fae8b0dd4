//! The parts of one line, found in one pass without copying.

use std::ops::Range;

use super::catalog::SYNTAX;
use super::event::{EventKind, Exemplar, LabelPairs, LabelSpan, Number, Problem, Sample, Text};
use super::format::Format;
use super::number;

/// Whether a byte can be in a name, which does not begin with a digit. Only a metric's has colons.
fn is_in_name(byte: u8, colons: bool) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || (colons && byte == b':')
}

/// Scans a line that is not blank. `labels` is the buffer for its labels.
pub(super) fn line<'a>(line: &'a str, format: Format, labels: &'a mut Vec<LabelSpan>) -> Scan<EventKind<'a>> {
    labels.clear();
    let mut scanner = Scanner { line, bytes: line.as_bytes(), at: 0, strict: format == Format::OpenMetrics };
    if !scanner.strict {
        scanner.blanks();
    }
    match scanner.peek() {
        None if scanner.strict => Err(scanner.syntax("an empty line, which OpenMetrics does not have", 0..0)),
        None => Ok(EventKind::Comment),
        Some(b'#') => scanner.comment(format),
        Some(_) => scanner.sample(labels).map(EventKind::Sample),
    }
}

pub(super) struct Scanner<'a> {
    pub(super) line: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Whether the format is OpenMetrics, which has exactly one space where the text format has any number of blanks.
    pub(super) strict: bool,
}

pub(super) type Scan<T> = Result<T, Problem>;

impl<'a> Scanner<'a> {
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

    /// Skips blanks; returns whether there were any.
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

    /// Skips what separates two parts of a line; returns whether there was any.
    #[inline]
    pub(super) fn gap(&mut self) -> bool {
        if self.strict { self.take(b' ') } else { self.blanks() }
    }

    #[cold]
    pub(super) fn syntax(&self, message: impl Into<String>, span: Range<usize>) -> Problem {
        Problem::new(&SYNTAX, message, span)
    }

    /// A problem with the character that comes next.
    #[cold]
    pub(super) fn unexpected(&self, expected: &str) -> Problem {
        match self.line.get(self.at..).and_then(|rest| rest.chars().next()) {
            Some(found) => {
                let message = format!("expected {expected}, found {found:?}");
                self.syntax(message, self.at..self.at + found.len_utf8())
            }
            None => self.syntax(format!("expected {expected}, found the end of the line"), self.at..self.at),
        }
    }

    /// A name, unquoted or quoted.
    #[inline]
    pub(super) fn name(&mut self, colons: bool, expected: &str) -> Scan<Text<'a>> {
        if self.peek() == Some(b'"') {
            return self.quoted(expected);
        }
        let from = self.at;
        if self.peek().is_none_or(|byte| !is_in_name(byte, colons) || byte.is_ascii_digit()) {
            return Err(self.unexpected(expected));
        }
        while self.peek().is_some_and(|byte| is_in_name(byte, colons)) {
            self.at += 1;
        }
        Ok(self.text(from..self.at))
    }

    pub(super) fn metric_name(&mut self) -> Scan<Text<'a>> {
        self.name(true, "a metric name, of letters, digits, `_` and `:`")
    }

    /// What is between two quotes.
    #[inline]
    pub(super) fn quoted(&mut self, expected: &str) -> Scan<Text<'a>> {
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
                    self.escape()?;
                }
                Some(_) => self.at += 1,
                None => return Err(self.syntax("this quote is not closed on the line", quote..quote + 1)),
            }
        }
        self.at += 1;
        Ok(Text::new(self.line, quote + 1..self.at - 1, escaped))
    }

    /// Skips a backslash and the escaped character. Also in a help text, the Prometheus parser accepts `\"`.
    pub(super) fn escape(&mut self) -> Scan<()> {
        let rest = self.line.get(self.at + 1..).unwrap_or_default();
        let message = match rest.chars().next() {
            Some('\\' | 'n' | '"') => {
                self.at += 2;
                return Ok(());
            }
            Some(escaped) => format!("`\\{escaped}` is not an escape"),
            None => "a backslash escapes nothing".to_owned(),
        };
        let end = self.at + 1 + rest.chars().next().map_or(0, char::len_utf8);
        Err(self.syntax(format!("{message}; expected `\\\\`, `\\\"` or `\\n`"), self.at..end))
    }

    fn sample(&mut self, labels: &'a mut Vec<LabelSpan>) -> Scan<Sample<'a>> {
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
            return Err(self.syntax("no metric name, neither before the braces nor within them", 0..self.at));
        };
        let own = labels.len();
        // In the text format, the value may follow a brace without a blank.
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
            let message = "unexpected text after the name, the labels, the value and the timestamp";
            return Err(self.syntax(message, self.at..self.bytes.len()));
        }
        let (own, others) = labels.split_at_checked(own).unwrap_or_default();
        let others = LabelPairs::new(self.line, others);
        let exemplar = exemplar.map(|(value, timestamp)| Exemplar { labels: others, value, timestamp });
        Ok(Sample { name, labels: LabelPairs::new(self.line, own), value, timestamp, exemplar })
    }

    fn number(&mut self, expected: &str) -> Scan<Number<'a>> {
        let text = self.word();
        match number::float(text.raw()) {
            Some(number) => Ok(Number { number, text }),
            None if text.raw().is_empty() => Err(self.unexpected(expected)),
            None => Err(self.syntax(format!("expected {expected}, a number, `NaN`, `+Inf` or `-Inf`"), text.span())),
        }
    }

    pub(super) fn word(&mut self) -> Text<'a> {
        let start = self.at;
        while !matches!(self.peek(), None | Some(b' ' | b'\t')) {
            self.at += 1;
        }
        self.text(start..self.at)
    }

    fn timestamp(&mut self) -> Scan<Number<'a>> {
        let text = self.word();
        let (time, expected) = if self.strict {
            let time = number::float(text.raw()).filter(|time| time.is_finite());
            (time, "expected a timestamp, which is a number of seconds")
        } else {
            let time = text.raw().parse::<i64>().ok().map(|time| time as f64);
            (time, "expected a timestamp, which is a whole number of milliseconds")
        };
        time.map(|number| Number { number, text }).ok_or_else(|| match text.raw() {
            "" => self.unexpected("a timestamp"),
            _ => self.syntax(expected, text.span()),
        })
    }

    /// The value and the timestamp of an exemplar, whose labels are appended.
    fn exemplar(&mut self, labels: &mut Vec<LabelSpan>) -> Scan<(Number<'a>, Option<Number<'a>>)> {
        if !self.take(b' ') || self.peek() != Some(b'{') {
            return Err(self.unexpected("one space and the labels of an exemplar"));
        }
        self.labels(&mut Some(Text::default()), labels)?;
        if !self.take(b' ') {
            return Err(self.unexpected("one space and the value of an exemplar"));
        }
        let value = self.number("the value of an exemplar")?;
        let timestamp = if self.take(b' ') { Some(self.timestamp()?) } else { None };
        Ok((value, timestamp))
    }

    fn text(&self, range: Range<usize>) -> Text<'a> {
        Text::new(self.line, range, false)
    }
}
