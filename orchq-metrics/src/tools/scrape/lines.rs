//! The lines of a reader, in memory that does not grow with the text.

use std::io::{self, ErrorKind, Read};
use std::ops::Range;

/// The longest line that is read, in bytes.
pub(super) const MAX_LINE_BYTES: usize = 1 << 20;

/// How many bytes are read ahead, and can be examined before the first line.
const READ_AHEAD: usize = 128 << 10;

/// A line, as bytes of the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// With the line feed that ends it, which is not part of the range.
    Whole(Range<usize>),
    /// What follows the last line feed.
    Unfinished(Range<usize>),
    /// The beginning of a line that is too long; the rest is skipped.
    TooLong(Range<usize>),
}

#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: R,
    buffer: Vec<u8>,
    /// What of the buffer was not returned yet.
    unread: Range<usize>,
    /// Where the search for a line feed continues.
    searched: usize,
    /// Whether the reader has no more.
    ended: bool,
    /// Whether the reader ended too early, which was not reported yet.
    broke_off: bool,
    /// Whether the rest of a line that is too long is being skipped.
    skipping: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: vec![0; READ_AHEAD],
            unread: 0..0,
            searched: 0,
            ended: false,
            broke_off: false,
            skipping: false,
        }
    }

    /// The beginning of the text: all of it, or as much as is read ahead.
    pub(super) fn head(&mut self) -> io::Result<&[u8]> {
        while !self.ended && self.unread.end < READ_AHEAD {
            self.read()?;
        }
        Ok(self.bytes(&self.unread))
    }

    /// Skips the first bytes of the head.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.unread.start = (self.unread.start + bytes).min(self.unread.end);
        self.searched = self.searched.max(self.unread.start);
    }

    pub(super) fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.buffer.get(range.clone()).unwrap_or_default()
    }

    /// The next line.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let start = self.unread.start;
            let unsearched = self.buffer.get(self.searched..self.unread.end).unwrap_or_default();
            if let Some(length) = memchr::memchr(b'\n', unsearched) {
                let end = self.searched + length;
                self.unread.start = end + 1;
                self.searched = end + 1;
                if std::mem::take(&mut self.skipping) {
                    continue;
                }
                if end - start > MAX_LINE_BYTES {
                    return Ok(Some(Line::TooLong(start..start + MAX_LINE_BYTES)));
                }
                return Ok(Some(Line::Whole(start..end)));
            }
            self.searched = self.unread.end;
            if self.ended {
                self.unread.start = self.unread.end;
                let rest = start..self.unread.end;
                // A text that ends between two lines has an empty unfinished one.
                let broke_off = std::mem::take(&mut self.broke_off);
                let nothing = (rest.is_empty() && !broke_off) || std::mem::take(&mut self.skipping);
                return Ok((!nothing).then_some(Line::Unfinished(rest)));
            }
            if self.skipping {
                self.unread.start = self.unread.end;
            } else if self.unread.len() > MAX_LINE_BYTES {
                self.skipping = true;
                self.unread.start = self.unread.end;
                return Ok(Some(Line::TooLong(start..start + MAX_LINE_BYTES)));
            }
            self.read()?;
        }
    }

    /// Reads more after what is unread.
    fn read(&mut self) -> io::Result<()> {
        if self.unread.end == self.buffer.len() {
            if self.unread.start == 0 {
                self.buffer.resize(self.buffer.len() * 2, 0);
            } else {
                self.buffer.copy_within(self.unread.clone(), 0);
                self.searched -= self.unread.start;
                self.unread = 0..self.unread.len();
            }
        }
        let room = self.buffer.get_mut(self.unread.end..).unwrap_or_default();
        match self.reader.read(room) {
            Ok(0) => self.ended = true,
            Ok(more) => self.unread.end += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // The parser reports a text that ends too early.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => (self.ended, self.broke_off) = (true, true),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Trickle<'a>(&'a [u8], usize);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len());
            self.0.read(&mut buffer[..length])
        }
    }

    fn lines(text: &[u8], at_a_time: usize) -> Vec<(&'static str, Vec<u8>)> {
        let mut lines = Lines::new(Trickle(text, at_a_time));
        let mut all = Vec::new();
        while let Some(line) = lines.next().expect("readable") {
            let (kind, range) = match line {
                Line::Whole(range) => ("whole", range),
                Line::Unfinished(range) => ("unfinished", range),
                Line::TooLong(range) => ("too long", range),
            };
            all.push((kind, lines.bytes(&range).to_vec()));
        }
        all
    }

    #[test]
    fn lines_are_whole_however_they_arrive() {
        let text: Vec<u8> = (0..60_000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        for at_a_time in [1, 7, 4096, usize::MAX] {
            let found = lines(&text, at_a_time);
            assert_eq!(found.len(), 60_000);
            assert_eq!(found[59_999], ("whole", b"line 59999".to_vec()));
        }
        assert_eq!(lines(b"a\n\nb", 1), [("whole", b"a".to_vec()), ("whole", vec![]), ("unfinished", b"b".to_vec())]);
        assert!(lines(b"", 1).is_empty());
    }

    #[test]
    fn a_text_that_breaks_off_between_lines_has_an_unfinished_one() {
        struct BrokenOff;
        impl Read for BrokenOff {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(ErrorKind::UnexpectedEof.into())
            }
        }
        for (text, unfinished) in [(&b"a\n"[..], ""), (b"a\nb", "b")] {
            let mut lines = Lines::new(text.chain(BrokenOff));
            assert_eq!(lines.next().expect("readable"), Some(Line::Whole(0..1)));
            let Ok(Some(Line::Unfinished(range))) = lines.next() else { panic!("{text:?} is taken for whole") };
            assert_eq!(lines.bytes(&range), unfinished.as_bytes());
            assert_eq!(lines.next().expect("readable"), None);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let long = vec![b'x'; 3 * MAX_LINE_BYTES];
        let text = [b"a\n", long.as_slice(), b"\nb\n"].concat();
        let found = lines(&text, 50_000);
        let kinds: Vec<_> = found.iter().map(|(kind, line)| (*kind, line.len())).collect();
        assert_eq!(kinds, [("whole", 1), ("too long", MAX_LINE_BYTES), ("whole", 1)]);
        let mut lines = Lines::new(Trickle(&text, 50_000));
        while lines.next().expect("readable").is_some() {}
        assert!(lines.buffer.len() <= 2 * MAX_LINE_BYTES, "{}", lines.buffer.len());
        assert_eq!(self::lines(&long, 50_000).len(), 1);
    }
}
