//! From a reader to events: one pass, one line at a time.

use std::io::{self, Read};

use super::catalog::{ENCODING, LINE_TOO_LONG, SYNTAX, TRUNCATED};
use super::event::{Event, EventKind, LabelSpan, Problem};
use super::format::Format;
use super::lines::{Line, Lines, MAX_LINE_BYTES};
use super::{scan, sniff};

/// Reads a scrape line by line, in memory that does not grow with it.
///
/// A line that is not valid in the format is an [`EventKind::Problem`], and the next event is of the next line, so that
/// one pass reports every mistake. Mistakes that take more than one line, such as a family with two types, are not
/// reported here: `lint` finds them.
///
/// ```
/// use orchq_metrics::__unstable::scrape::{EventKind, Parser};
/// use orchq_metrics::scrape::Format;
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
    /// The buffer for the labels of a line.
    labels: Vec<LabelSpan>,
    /// The buffer for a line that is not UTF-8.
    replaced: String,
    line: usize,
    state: State,
    carriage_return_reported: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Beginning,
    Within,
    /// After `# EOF`.
    AfterEof,
    Ended,
}

impl<R: Read> Parser<R> {
    /// A parser of this format; without one, the beginning of the text decides.
    ///
    /// # Errors
    ///
    /// When the beginning cannot be read.
    pub fn new(reader: R, format: Option<Format>) -> io::Result<Self> {
        let lines = Lines::new(reader)?;
        let format = format.unwrap_or_else(|| Format::guess(lines.head()));
        let (labels, replaced) = (Vec::new(), String::new());
        Ok(Self { lines, format, labels, replaced, line: 0, state: State::Beginning, carriage_return_reported: false })
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
    /// When the reader fails. An early end is not a failure, but a [`Problem`].
    #[expect(clippy::should_implement_trait)]
    pub fn next(&mut self) -> io::Result<Option<Event<'_>>> {
        if self.state == State::Beginning {
            self.state = State::Within;
            if let Some((rule, message)) = sniff::non_text(self.lines.head()) {
                if *rule == ENCODING {
                    self.lines.skip(sniff::BYTE_ORDER_MARK.len());
                } else {
                    self.state = State::Ended;
                }
                return Ok(self.whole_text(Problem::new(rule, message, 0..0)));
            }
        }
        if self.state == State::Ended {
            return Ok(None);
        }
        while let Some(line) = self.lines.next()? {
            self.line += 1;
            if line != Line::Whole || !self.is_blank() {
                return Ok(Some(self.event(line)));
            }
        }
        Ok(self.end())
    }

    /// Whether a line of the text format has nothing on it.
    fn is_blank(&self) -> bool {
        let line = self.lines.line.as_slice();
        let line = line.strip_suffix(b"\r").filter(|_| self.carriage_return_reported).unwrap_or(line);
        self.format == Format::Text && line.iter().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    fn event(&mut self, line: Line) -> Event<'_> {
        let (text, invalid) = match std::str::from_utf8(&self.lines.line) {
            Ok(text) => (text, false),
            Err(_) => {
                self.replaced = String::from_utf8_lossy(&self.lines.line).into_owned();
                (self.replaced.as_str(), true)
            }
        };
        let problem = |rule, message: &str, span| Err(Problem::new(rule, message, span));
        let is_eof = self.format == Format::OpenMetrics && text == "# EOF";
        let found = if line == Line::TooLong {
            problem(&LINE_TOO_LONG, &format!("the line is longer than {MAX_LINE_BYTES} bytes"), 0..0)
        } else if self.state == State::AfterEof {
            self.state = State::Ended;
            problem(&SYNTAX, "text after `# EOF`, which is the end", 0..text.len())
        } else if invalid {
            let start = text.find('\u{fffd}').unwrap_or_default();
            problem(&ENCODING, "bytes that are not UTF-8", start..start + '\u{fffd}'.len_utf8())
        } else if line == Line::Unfinished && !is_eof {
            self.state = State::Ended;
            let message = if text.is_empty() {
                "the text ends before this line: the connection or the file ended too early"
            } else {
                "the text ends within this line: no line feed ends it"
            };
            problem(&TRUNCATED, message, text.len()..text.len())
        } else {
            match text.strip_suffix('\r') {
                // If one line ends so, all do: it is reported once, and the other lines are read.
                Some(line) if !std::mem::replace(&mut self.carriage_return_reported, true) => {
                    let message = "a carriage return before the line feed; lines end with a line feed alone";
                    problem(&ENCODING, message, line.len()..text.len())
                }
                line => scan::line(line.unwrap_or(text), self.format, &mut self.labels),
            }
        };
        if matches!(found, Ok(EventKind::Eof)) {
            self.state = State::AfterEof;
        }
        Event { line: self.line, text, kind: found.unwrap_or_else(EventKind::Problem) }
    }

    /// The end of the text, which OpenMetrics marks.
    fn end(&mut self) -> Option<Event<'_>> {
        let marked = self.state == State::AfterEof || self.format == Format::Text;
        self.state = State::Ended;
        // An empty body exposes nothing, and is not truncated.
        if marked || self.line == 0 {
            return None;
        }
        self.line += 1;
        let message = "the text ends without `# EOF`, so that part of it may be missing";
        self.whole_text(Problem::new(&TRUNCATED, message, 0..0))
    }

    /// A problem of the whole text, shown at its first line, or after its last.
    fn whole_text(&mut self, mut problem: Problem) -> Option<Event<'_>> {
        self.replaced.clear();
        if self.line == 0 {
            let head = self.lines.head();
            let head = head.strip_prefix(sniff::BYTE_ORDER_MARK).unwrap_or(head);
            let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
            self.replaced = sniff::printable(line);
            problem.span = 0..self.replaced.len();
        }
        Some(Event { line: self.line.max(1), text: &self.replaced, kind: EventKind::Problem(problem) })
    }
}
