//! From a reader to events: one pass, one line at a time.

use std::io::{self, Read};
use std::ops::Range;

use super::MAX_LINE_BYTES;
use super::event::{Event, EventKind, Exemplar, LabelPairs, Number, Problem, ProblemKind, Sample};
use super::format::Format;
use super::lines::{Line, Lines};
use super::refuse;
use super::scan::{self, LabelSpan, Parsed, SampleSpans, Span};

/// Reads a scrape line by line, in memory that does not grow with it.
///
/// A line that is not of the format is an [`EventKind::Problem`], and the next event is of the next line, so that one
/// pass tells of every mistake. What needs more than one line to be known, such as a family that has two types, is
/// not the parser's business: `lint` looks after it.
///
/// ```
/// use orchq_metrics::scrape::{EventKind, Format, Parser};
///
/// let mut parser = Parser::new("queue_depth{pool_id=\"a\"} 3\n".as_bytes(), Some(Format::Text))?;
/// let event = parser.next()?.expect("one line");
/// let EventKind::Sample(sample) = event.kind else { panic!("a sample") };
/// assert_eq!(sample.name.raw(), "queue_depth");
/// assert_eq!(sample.labels.get("pool_id").unwrap().unescaped(), "a");
/// assert_eq!((sample.value.number, event.line), (3.0, 1));
/// assert!(parser.next()?.is_none());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct Parser<R> {
    lines: Lines<R>,
    format: Format,
    /// The labels of the line that was read last.
    labels: Vec<LabelSpan>,
    /// The line that was read last, where it was not UTF-8.
    replaced: String,
    line: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Beginning,
    Within {
        carriage_return_told: bool,
    },
    /// Behind `# EOF`.
    AfterEof,
    Ended,
}

/// What there is to say of a line, as places in it.
enum Found {
    Parsed(Parsed),
    Problem(Problem),
}

impl<R: Read> Parser<R> {
    /// A parser of this format; without one, the beginning of the text decides.
    ///
    /// # Errors
    ///
    /// When the beginning cannot be read.
    pub fn new(reader: R, format: Option<Format>) -> io::Result<Self> {
        let mut lines = Lines::new(reader);
        let format = match format {
            Some(format) => format,
            None => Format::guess(lines.head()?),
        };
        Ok(Self { lines, format, labels: Vec::new(), replaced: String::new(), line: 0, state: State::Beginning })
    }

    /// The format that it reads.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The next event; `None` at the end. Not an iterator's `next`, because an event borrows from the parser.
    ///
    /// # Errors
    ///
    /// When the reader fails. That it ends too early is no such failure, but a [`ProblemKind::Truncated`].
    #[expect(clippy::should_implement_trait)]
    pub fn next(&mut self) -> io::Result<Option<Event<'_>>> {
        if self.state == State::Beginning {
            self.state = State::Within { carriage_return_told: false };
            if let Some((kind, message)) = refuse::what_it_is(self.lines.head()?) {
                if kind == ProblemKind::Encoding {
                    self.lines.skip(refuse::BYTE_ORDER_MARK.len());
                } else {
                    self.state = State::Ended;
                }
                return Ok(self.whole_text(Problem::new(kind, message, 0..0)));
            }
        }
        loop {
            if self.state == State::Ended {
                return Ok(None);
            }
            let Some(line) = self.lines.next()? else {
                return Ok(self.end());
            };
            self.line += 1;
            self.labels.clear();
            let (range, finished) = match line {
                Line::Whole(range) => (range, true),
                Line::Unfinished(range) => (range, false),
                Line::TooLong(range) => {
                    let message = format!("the line is longer than {MAX_LINE_BYTES} bytes");
                    let problem = Problem::new(ProblemKind::LineTooLong, message, 0..0);
                    let text = String::from_utf8_lossy(self.lines.bytes(&range));
                    self.replaced.clear();
                    self.replaced.push_str(&text);
                    return Ok(Some(Event {
                        line: self.line,
                        text: &self.replaced,
                        kind: EventKind::Problem(problem),
                    }));
                }
            };
            if self.state == State::AfterEof {
                self.state = State::Ended;
                let message = "text behind `# EOF`, which is the end";
                let problem = Problem::new(ProblemKind::Syntax, message, 0..range.len());
                return Ok(Some(self.event(range, Found::Problem(problem))));
            }
            let found = self.found(&range, finished);
            match found {
                Found::Parsed(Parsed::Blank) => continue,
                Found::Parsed(Parsed::Eof) => self.state = State::AfterEof,
                _ => {}
            }
            return Ok(Some(self.event(range, found)));
        }
    }

    /// What a line says, or what is wrong with it.
    fn found(&mut self, range: &Range<usize>, finished: bool) -> Found {
        let bytes = self.lines.bytes(range);
        let Ok(mut text) = std::str::from_utf8(bytes) else {
            let valid = String::from_utf8_lossy(bytes).find('\u{fffd}').unwrap_or_default();
            let message = "bytes that are not UTF-8";
            return Found::Problem(Problem::new(ProblemKind::Encoding, message, valid..valid + '\u{fffd}'.len_utf8()));
        };
        let is_eof = self.format == Format::OpenMetrics && text == "# EOF";
        if !finished && !is_eof {
            let message = if text.is_empty() {
                "the text breaks off before this line: the connection or the file ended too early"
            } else {
                "the text ends within this line: no line feed ends it"
            };
            self.state = State::Ended;
            return Found::Problem(Problem::new(ProblemKind::Truncated, message, text.len()..text.len()));
        }
        if let (State::Within { carriage_return_told }, Some(line)) = (&mut self.state, text.strip_suffix('\r')) {
            // Where one line ends so, all do: that is said once, and what is on the lines is read.
            if !std::mem::replace(carriage_return_told, true) {
                let message = "a carriage return before the line feed; lines end with a line feed alone";
                return Found::Problem(Problem::new(ProblemKind::Encoding, message, line.len()..text.len()));
            }
            text = line;
        }
        match scan::line(text, self.format, &mut self.labels) {
            Ok(parsed) => Found::Parsed(parsed),
            Err(problem) => Found::Problem(problem),
        }
    }

    /// What is found on a line, with the line's text.
    fn event(&mut self, range: Range<usize>, found: Found) -> Event<'_> {
        let bytes = self.lines.bytes(&range);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => {
                self.replaced = String::from_utf8_lossy(bytes).into_owned();
                &self.replaced
            }
        };
        let part = |span: Span| span.text(text);
        let kind = match found {
            Found::Problem(problem) => EventKind::Problem(problem),
            Found::Parsed(parsed) => match parsed {
                Parsed::Blank | Parsed::Comment => EventKind::Comment,
                Parsed::Help { name, help } => EventKind::Help { name: part(name), help: part(help) },
                Parsed::Type { name, family_type, spelled } => {
                    EventKind::Type { name: part(name), family_type, spelled: part(spelled) }
                }
                Parsed::Unit { name, unit } => EventKind::Unit { name: part(name), unit: part(unit) },
                Parsed::Eof => EventKind::Eof,
                Parsed::Sample(spans) => EventKind::Sample(sample(text, &self.labels, spans)),
            },
        };
        Event { line: self.line, text, kind }
    }

    /// The end of the text, which OpenMetrics marks.
    fn end(&mut self) -> Option<Event<'_>> {
        let marked = self.state == State::AfterEof || self.format == Format::Text;
        self.state = State::Ended;
        // An empty body is no part of one: nothing was exposed.
        if marked || self.line == 0 {
            return None;
        }
        self.line += 1;
        let message = "the text ends without `# EOF`, so that a part of it may be missing";
        self.whole_text(Problem::new(ProblemKind::Truncated, message, 0..0))
    }

    /// A problem of the whole text, shown at its first line, or behind its last.
    fn whole_text(&mut self, mut problem: Problem) -> Option<Event<'_>> {
        self.replaced.clear();
        if self.line == 0 {
            let head = self.lines.head().unwrap_or_default();
            let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
            self.replaced = refuse::printable(line);
            problem.span = 0..self.replaced.len();
        }
        Some(Event { line: self.line.max(1), text: &self.replaced, kind: EventKind::Problem(problem) })
    }
}

fn sample<'a>(text: &'a str, labels: &'a [LabelSpan], spans: SampleSpans) -> Sample<'a> {
    let number = |(number, span): (f64, Span)| Number { number, text: span.text(text) };
    let (own, others) = labels.split_at_checked(spans.labels).unwrap_or_default();
    let exemplar = spans.exemplar.map(|exemplar| Exemplar {
        labels: LabelPairs::new(text, others),
        value: number(exemplar.value),
        timestamp: exemplar.timestamp.map(number),
    });
    Sample {
        name: spans.name.text(text),
        labels: LabelPairs::new(text, own),
        value: number(spans.value),
        timestamp: spans.timestamp.map(number),
        exemplar,
    }
}
