//! The lines of a reader, in memory that does not grow with the text.

use std::io::{self, BufRead, BufReader, Chain, Cursor, ErrorKind, Read};

/// The longest line that is read, in bytes.
pub(super) const MAX_LINE_BYTES: usize = 1 << 20;

/// How many bytes can be examined before the first line.
const READ_AHEAD: usize = 128 << 10;

/// What a line is; [`Lines::line`] has its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A line feed ended it, which is not kept.
    Whole,
    /// The bytes after the last line feed.
    Unfinished,
    /// The beginning of a line that is too long; the rest is skipped.
    TooLong,
}

#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: BufReader<Chain<Cursor<Vec<u8>>, R>>,
    pub(super) line: Vec<u8>,
    /// Whether the reader ended too early, which is reported after the last line feed.
    broke_off: bool,
    ended: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(mut reader: R) -> io::Result<Self> {
        // With room for one byte more, or `read_to_end` would double it.
        let mut head = Vec::with_capacity(READ_AHEAD + 1);
        let broke_off = ends_early(reader.by_ref().take(READ_AHEAD as u64).read_to_end(&mut head))?;
        let reader = BufReader::new(Cursor::new(head).chain(reader));
        Ok(Self { reader, line: Vec::new(), broke_off, ended: false })
    }

    /// The beginning of the text: all of it, or as much as is read ahead.
    pub(super) fn head(&self) -> &[u8] {
        self.reader.get_ref().get_ref().0.get_ref()
    }

    /// Skips the first bytes of the head, before the first line is read.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.reader.get_mut().get_mut().0.set_position(bytes as u64);
    }

    /// Reads the next line.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        self.line.clear();
        if self.ended {
            return Ok(None);
        }
        let mut reader = self.reader.by_ref().take(MAX_LINE_BYTES as u64 + 1);
        self.broke_off |= ends_early(reader.read_until(b'\n', &mut self.line))?;
        if self.line.pop_if(|last| *last == b'\n').is_some() {
            return Ok(Some(Line::Whole));
        }
        if self.line.len() > MAX_LINE_BYTES {
            self.line.truncate(MAX_LINE_BYTES);
            self.ended = ends_early(self.reader.skip_until(b'\n'))?;
            return Ok(Some(Line::TooLong));
        }
        self.ended = true;
        // A text that ends too early between two lines has an empty unfinished one.
        Ok((self.broke_off || !self.line.is_empty()).then_some(Line::Unfinished))
    }
}

/// Whether a reader ended too early, which is not an error: the parser reports it.
fn ends_early(read: io::Result<usize>) -> io::Result<bool> {
    match read {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(true),
        read => read.map(|_| false),
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

    fn lines(text: &[u8], at_a_time: usize) -> Vec<(Line, Vec<u8>)> {
        let mut lines = Lines::new(Trickle(text, at_a_time)).expect("readable");
        let mut all = Vec::new();
        while let Some(line) = lines.next().expect("readable") {
            all.push((line, lines.line.clone()));
        }
        all
    }

    #[test]
    fn lines_are_whole_however_they_arrive() {
        let text: Vec<u8> = (0..60_000).flat_map(|n| format!("line {n}\n").into_bytes()).collect();
        for at_a_time in [1, 7, 4096, usize::MAX] {
            let found = lines(&text, at_a_time);
            assert_eq!(found.len(), 60_000);
            assert_eq!(found[59_999], (Line::Whole, b"line 59999".to_vec()));
        }
        assert_eq!(
            lines(b"a\n\nb", 1),
            [(Line::Whole, b"a".to_vec()), (Line::Whole, vec![]), (Line::Unfinished, b"b".to_vec())]
        );
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
            let mut lines = Lines::new(text.chain(BrokenOff)).expect("readable");
            assert_eq!(lines.next().expect("readable"), Some(Line::Whole));
            assert_eq!(lines.next().expect("readable"), Some(Line::Unfinished), "{text:?}");
            assert_eq!(lines.line, unfinished.as_bytes());
            assert_eq!(lines.next().expect("readable"), None);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        let long = vec![b'x'; 3 * MAX_LINE_BYTES];
        let text = [b"a\n", long.as_slice(), b"\nb\n"].concat();
        let found = lines(&text, 50_000);
        let kinds: Vec<_> = found.iter().map(|(kind, line)| (*kind, line.len())).collect();
        assert_eq!(kinds, [(Line::Whole, 1), (Line::TooLong, MAX_LINE_BYTES), (Line::Whole, 1)]);
        let mut lines = Lines::new(Trickle(&text, 50_000)).expect("readable");
        while lines.next().expect("readable").is_some() {}
        assert!(lines.line.capacity() <= 2 * MAX_LINE_BYTES + 2, "{}", lines.line.capacity());
        assert_eq!(self::lines(&long, 50_000).len(), 1);
    }
}
