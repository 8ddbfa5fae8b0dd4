//! A text after unescaping, with the position of each character in the file.

use std::ops::Range;

use super::options::Source;
use crate::report::finding::{Finding, Location};
use crate::tools::tree::{Node, Style, Value};

/// A file's text, or what a scalar within it reads as.
#[derive(Clone, Debug, Default)]
pub(super) struct Text {
    pub(super) value: String,
    /// Where the text begins in the file, if it is the file.
    from: usize,
    /// Otherwise, for each byte of the text and for its end, where in the file its character begins.
    places: Vec<usize>,
}

impl Text {
    /// A whole file, without the byte order mark that it may begin with.
    pub(super) fn file(text: &str) -> Self {
        let value = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { value: value.to_owned(), from: text.len() - value.len(), places: Vec::new() }
    }

    /// A text of which each byte, and its end, is written at one of these places of the file.
    pub(super) fn mapped(value: String, places: Vec<usize>) -> Self {
        Self { value, from: 0, places }
    }

    /// What a scalar of a document reads as.
    pub(super) fn from_node(document: &Text, node: &Node) -> Option<Self> {
        let Value::Scalar { text, style } = &node.value else { return None };
        let raw = document.value.get(node.raw.clone()).unwrap_or_default();
        // If the two do not agree, every character has the position of the whole scalar.
        let places = align(raw, text, *style).unwrap_or_else(|| [vec![0; text.len()], vec![raw.len()]].concat());
        let places = places.into_iter().map(|at| document.place(node.raw.start + at));
        Some(Self::mapped(text.clone(), places.collect()))
    }

    /// A part of this text, as a text.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let value = self.value.get(range.clone()).unwrap_or_default().to_owned();
        let places = (range.start..=range.start + value.len()).map(|at| self.place(at));
        Self::mapped(value, places.collect())
    }

    /// Where in the file the character at a byte of the text begins.
    pub(super) fn place(&self, at: usize) -> usize {
        self.places.last().map_or(self.from + at, |end| *self.places.get(at).unwrap_or(end))
    }

    /// The bytes of the file from which these bytes of the text come.
    pub(super) fn in_file(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.place(range.start);
        let Some(last) = range.end.checked_sub(1).filter(|last| *last >= range.start) else { return start..start };
        let last = self.place(last);
        // Several bytes are written in one place.
        let end = (range.end..=self.value.len()).map(|at| self.place(at)).find(|end| *end > last);
        start..end.unwrap_or(last)
    }
}

/// For each byte of what a scalar reads as and for its end, where in the raw text it is written.
///
/// White space is folded, indented and escaped; everything else is there once, in order, so
/// that the two texts are walked side by side from one such character to the next.
fn align(raw: &str, text: &str, style: Style) -> Option<Vec<usize>> {
    let mut written = characters(raw, style).peekable();
    let mut places = Vec::with_capacity(text.len() + 1);
    // An empty text is at the end.
    let mut end = if text.is_empty() { raw.len() } else { 0 };
    for character in text.chars() {
        let place = if character.is_whitespace() {
            written.next_if(|(other, _)| *other == character).map_or(end..end, |(_, place)| place)
        } else {
            let (other, place) = written.find(|(other, _)| !other.is_whitespace())?;
            (other == character).then_some(place)?
        };
        end = place.end;
        places.extend(std::iter::repeat_n(place.start, character.len_utf8()));
    }
    places.push(end);
    Some(places)
}

/// The characters of a scalar's raw text, escapes resolved, each with its place.
fn characters(raw: &str, style: Style) -> impl Iterator<Item = (char, Range<usize>)> {
    let mut at = match style {
        Style::SingleQuoted | Style::DoubleQuoted => 1,
        Style::Literal | Style::Folded if raw.starts_with(['|', '>']) => raw.find('\n').unwrap_or(raw.len()),
        Style::Plain | Style::Literal | Style::Folded => 0,
    };
    std::iter::from_fn(move || {
        let rest = raw.get(at..)?;
        let first = rest.chars().next()?;
        let (character, length) = match style {
            Style::SingleQuoted if rest.starts_with("''") => ('\'', 2),
            Style::DoubleQuoted if first == '\\' => escape(rest),
            _ => (first, first.len_utf8()),
        };
        at += length;
        Some((character, at - length..at))
    })
}

/// The character that an escape in double quotes means, and the length of the escape.
fn escape(rest: &str) -> (char, usize) {
    const LETTERS: &str = "0abtnvfreN_LP";
    const MEANINGS: &str = "\0\x07\x08\t\n\x0b\x0c\r\x1b\u{85}\u{a0}\u{2028}\u{2029}";
    let Some(kind) = rest.chars().nth(1) else { return ('\\', 1) };
    let hexadecimal = |digits: usize| u32::from_str_radix(rest.get(2..2 + digits)?, 16).ok().and_then(char::from_u32);
    let unit = |from: usize| u16::from_str_radix(rest.get(from..from + 4)?, 16).ok();
    // Beyond the basic plane, JSON writes two escapes for one character.
    let second = rest.get(6..8).filter(|escape| *escape == "\\u").and_then(|_| unit(8));
    let mut utf16 = char::decode_utf16([unit(2), second].into_iter().flatten());
    let (meaning, digits) = match kind {
        'x' => (hexadecimal(2), 2),
        'U' => (hexadecimal(8), 8),
        'u' => {
            let meaning = utf16.next().and_then(Result::ok);
            (meaning, if meaning > Some('\u{ffff}') { 10 } else { 4 })
        }
        _ => (LETTERS.chars().zip(MEANINGS.chars()).find(|(letter, _)| *letter == kind).map(|(_, meaning)| meaning), 0),
    };
    (meaning.unwrap_or(kind), 1 + kind.len_utf8() + digits)
}

/// A finding, and the bytes of the file that it is about.
pub(super) type Found = (Finding, Range<usize>);

/// A file in which places are turned into locations.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    /// Where each line begins.
    pub(super) lines: Vec<usize>,
}

impl<'a> File<'a> {
    pub(super) fn new(Source { name, text }: &Source<'a>) -> Self {
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { name, text, lines }
    }

    /// The line that a byte is on, from 0.
    pub(super) fn line_of(&self, at: usize) -> usize {
        self.lines.partition_point(|start| *start <= at).saturating_sub(1)
    }

    /// These bytes of the file, as far as they are on their first line.
    pub(super) fn location(&self, range: Range<usize>) -> Location {
        let line = self.line_of(range.start);
        let start = self.lines.get(line).copied().unwrap_or_default();
        let end = self.lines.get(line + 1).copied().unwrap_or(self.text.len());
        let text = self.text.get(start..end).unwrap_or_default().trim_end_matches(['\n', '\r']);
        let within = |at: usize| at.saturating_sub(start).min(text.len());
        Location::new(self.name, line + 1, text, within(range.start)..within(range.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools::tree::yaml;

    /// The spelling in the file of `token` in the text.
    fn found<'a>(file: &'a str, node: Node, token: &str) -> &'a str {
        let text = Text::from_node(&Text::file(file), &node).expect("a scalar");
        let at = text.value.find(token).expect("it is in there");
        &file[text.in_file(&(at..at + token.len()))]
    }

    #[test]
    fn characters_are_found_again_in_every_style() {
        let cases = [
            ("sum(a)", "sum(a)", Style::Plain, "a", "a"),
            ("sum(a\n   + bc)", "sum(a + bc)", Style::Plain, "bc", "bc"),
            ("'a{b=''c''} d'", "a{b='c'} d", Style::SingleQuoted, "'c'", "''c''"),
            (r#""a{b=\"c\"} > d""#, "a{b=\"c\"} > d", Style::DoubleQuoted, "\"c\"", r#"\"c\""#),
            (r#""\u00e9\ud83d\ude00 x""#, "é😀 x", Style::DoubleQuoted, "😀", r"\ud83d\ude00"),
            (r#""a\n\tbc""#, "a\n\tbc", Style::DoubleQuoted, "bc", "bc"),
            ("|\n    sum(\n      ab\n    )\n", "sum(\n  ab\n)\n", Style::Literal, "ab", "ab"),
            (">-\n  sum(a)\n  / b\n\n  > c\n", "sum(a) / b\n> c", Style::Folded, "> c", "> c"),
        ];
        for (file, reads, style, token, written) in cases {
            let node = Node::scalar(0..file.len(), reads.to_owned(), style);
            assert_eq!(found(file, node, token), written, "{file}");
        }
        // A part that does not agree is somewhere in the scalar.
        let node = Node::scalar(1..4, "xyz".to_owned(), Style::Plain);
        assert_eq!(found("(abc)", node, "y"), "abc");
    }

    #[test]
    fn scalars_know_their_positions() {
        let text = "é: x\na: 'b c'\nd: |  # no\n  e\n   f\n\ng: >-\n  h\n  i\nj: [k, \"l\\n\"]\n";
        let (documents, error) = yaml::read(text);
        assert!(error.is_none(), "{error:?}");
        let file = Text::file(text);
        let raw = |key: &str, token: &str| {
            let node = documents[0].get(key).expect("a key");
            let read = Text::from_node(&file, node).expect("a scalar");
            let at = read.value.find(token).expect("a token");
            text[..read.in_file(&(at..at + 1)).start].matches('\n').count() + 1
        };
        assert_eq!([raw("é", "x"), raw("a", "c"), raw("d", "e"), raw("d", "f")], [1, 2, 4, 5]);
        assert_eq!([raw("g", "h"), raw("g", "i")], [8, 9]);
        assert_eq!(documents[0].items("j").len(), 2);
    }

    #[test]
    fn a_text_within_a_text_is_found_in_the_file() {
        let file = r#"{"data": "{\"expr\": \"a > b\"}"}"#;
        let outer = Node::scalar(9..file.len() - 1, r#"{"expr": "a > b"}"#.to_owned(), Style::DoubleQuoted);
        let document = Text::from_node(&Text::file(file), &outer).expect("a scalar");
        let inner = Node::scalar(9..16, "a > b".to_owned(), Style::DoubleQuoted);
        let text = Text::from_node(&document, &inner).expect("a scalar");
        assert_eq!(text.in_file(&(4..5)), file.find("b\\").map(|at| at..at + 1).expect("there"));
    }

    #[test]
    fn a_location_stays_on_its_line() {
        let text = "one\r\ntwo three\nfour";
        let file = File::new(&Source::new("f", text));
        let location = file.location(9..18);
        assert_eq!((location.line, location.column, location.text.as_str()), (2, 5, "two three"));
        assert_eq!(&location.text[location.span], "three");
        assert_eq!(file.location(99..100).line, 3);
    }
}
