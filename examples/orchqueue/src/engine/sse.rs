//! Decodes server-sent events from bytes, however they were split.
//!
//! The format is that of <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>,
//! of which the engines use `data`, some `event: error`, and llama.cpp in older builds a field `error` of its own.

/// The longest line, and the longest event, in bytes.
pub(super) const EVENT_LIMIT: usize = 1 << 20;

/// An event that has any data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    /// Of one or more `data` lines.
    Data(String),
    /// Of an `error` line.
    Error(String),
}

/// A line or an event past [`EVENT_LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

/// The state between two chunks.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    line: Vec<u8>,
    data: Option<String>,
    error: Option<String>,
    /// The event is of the kind `error`.
    is_error: bool,
    /// The last byte was a carriage return, so that a line feed belongs to it.
    after_return: bool,
    has_line: bool,
}

impl Decoder {
    /// Decodes a chunk, and appends the events that end in it to `events`.
    pub(super) fn feed(&mut self, chunk: &[u8], events: &mut impl Extend<Event>) -> Result<(), TooLong> {
        let mut rest = chunk;
        if self.after_return && !rest.is_empty() {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            self.after_return = false;
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (line, ended) = rest.split_at(end);
            self.extend_line(line)?;
            events.extend(self.end_line()?);
            rest = match ended {
                [b'\r', b'\n', rest @ ..] | [b'\n', rest @ ..] => rest,
                [_, rest @ ..] => {
                    self.after_return = rest.is_empty();
                    rest
                }
                [] => &[],
            };
        }
        self.extend_line(rest)
    }

    /// The event that the end of the stream cut off, before its blank line or within its last line.
    pub(super) fn finish(&mut self) -> Result<Option<Event>, TooLong> {
        if !self.line.is_empty() {
            self.end_line()?;
        }
        self.end_line()
    }

    fn extend_line(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        if self.line.len() + bytes.len() > EVENT_LIMIT {
            return Err(TooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self) -> Result<Option<Event>, TooLong> {
        let line = String::from_utf8_lossy(&self.line).into_owned();
        self.line.clear();
        let first = !std::mem::replace(&mut self.has_line, true);
        let line = if first { line.strip_prefix('\u{feff}').unwrap_or(&line) } else { &line };
        if line.is_empty() {
            let kind = if std::mem::take(&mut self.is_error) { Event::Error } else { Event::Data };
            let error = self.error.take().map(Event::Error);
            return Ok(error.or(self.data.take().map(kind)));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        let kept = match field {
            "data" => &mut self.data,
            "error" => &mut self.error,
            "event" => {
                self.is_error = value == "error";
                return Ok(None);
            }
            _ => return Ok(None),
        };
        match kept {
            None => *kept = Some(value.to_owned()),
            Some(kept) if kept.len() + value.len() >= EVENT_LIMIT => return Err(TooLong),
            Some(kept) => {
                kept.push('\n');
                kept.push_str(value);
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "\u{feff}: hello\r\ndata: {\"a\": \"é\"}\r\n\r\nevent: x\ndata:1\ndata: 2\n\ndata\r\rid: 7\n\n\
                          error: {\"message\": \"no\"}\n\ndata: [DONE]\n\ndata: never ended\n";

    fn expected() -> Vec<Event> {
        let data = |text: &str| Event::Data(text.to_owned());
        let error = Event::Error("{\"message\": \"no\"}".to_owned());
        vec![data("{\"a\": \"é\"}"), data("1\n2"), data(""), error, data("[DONE]")]
    }

    #[test]
    fn events_are_the_same_wherever_the_bytes_are_cut() {
        let bytes = STREAM.as_bytes();
        for cut in 0..=bytes.len() {
            for second in cut..=bytes.len() {
                let mut decoder = Decoder::default();
                let mut events = Vec::new();
                for part in [&bytes[..cut], &bytes[cut..second], &bytes[second..]] {
                    decoder.feed(part, &mut events).unwrap();
                }
                assert_eq!(events, expected(), "cut at {cut} and {second}");
            }
        }
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        decoder.feed(b"event: error\ndata: no\n\ndata: 1\n\ndata: 2", &mut events).unwrap();
        events.extend(decoder.finish().unwrap());
        let data = |text: &str| Event::Data(text.to_owned());
        assert_eq!(events, [Event::Error("no".to_owned()), data("1"), data("2")]);
        assert_eq!(decoder.finish(), Ok(None));
        let mut decoder = Decoder::default();
        let mut events = Vec::new();
        for byte in bytes {
            decoder.feed(&[*byte], &mut events).unwrap();
        }
        assert_eq!(events, expected());
    }

    #[test]
    fn a_line_and_an_event_have_a_limit() {
        let mut none: Vec<Event> = Vec::new();
        let mut decoder = Decoder::default();
        let chunk = vec![b'x'; EVENT_LIMIT];
        assert_eq!(decoder.feed(&chunk, &mut none), Ok(()));
        assert_eq!(decoder.feed(b"x", &mut none), Err(TooLong));
        let mut decoder = Decoder::default();
        let line = [b"data: ".as_slice(), &vec![b'x'; EVENT_LIMIT / 2], b"\n"].concat();
        assert_eq!(decoder.feed(&line, &mut none), Ok(()));
        assert_eq!(decoder.feed(&line, &mut none), Err(TooLong));
        assert!(none.is_empty());
    }
}
