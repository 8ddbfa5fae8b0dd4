//! A piece of a line, which knows where it is however far it is taken apart.

use std::ops::Range;

use crate::report::finding::Location;

#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    /// The line's number, from 1.
    line: usize,
    /// The whole line.
    text: &'a str,
    start: usize,
    end: usize,
}

impl<'a> Piece<'a> {
    pub(super) fn line(line: usize, text: &'a str) -> Self {
        Self { line, text, start: 0, end: text.len() }
    }

    pub(super) fn as_str(self) -> &'a str {
        self.text.get(self.start..self.end).unwrap_or_default()
    }

    pub(super) fn is_empty(self) -> bool {
        self.as_str().is_empty()
    }

    pub(super) fn at(self, source: &str) -> Location {
        Location::new(source, self.line, self.text, self.start..self.end)
    }

    /// A part of it, by bytes that are between characters.
    pub(super) fn part(self, range: Range<usize>) -> Self {
        let end = self.start + range.end.min(self.end - self.start);
        Self { start: (self.start + range.start).min(end), end, ..self }
    }

    pub(super) fn from(self, start: usize) -> Self {
        self.part(start..usize::MAX)
    }

    pub(super) fn trim(self) -> Self {
        self.trim_matches(char::is_whitespace)
    }

    pub(super) fn trim_matches(self, drop: impl Fn(char) -> bool + Copy) -> Self {
        let text = self.as_str();
        let start = text.len() - text.trim_start_matches(drop).len();
        self.part(start..start + text.trim_matches(drop).len())
    }

    /// Without the emphasis and the quotes of code around it.
    pub(super) fn plain(self) -> Self {
        self.trim_matches(|char| char.is_whitespace() || char == '*' || char == '`')
    }

    /// Without these characters in front.
    pub(super) fn trim_start(self, drop: char) -> Self {
        self.from(self.as_str().len() - self.as_str().trim_start_matches(drop).len())
    }

    /// Whether all of it is code.
    pub(super) fn is_code(self) -> bool {
        let inside = self.as_str().strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
        inside.is_some_and(|inside| !inside.is_empty() && !inside.contains('`'))
    }

    /// A value: of code what stands within, to the letter.
    pub(super) fn value(self) -> Self {
        if self.is_code() { self.part(1..self.as_str().len() - 1) } else { self.plain() }
    }

    /// What is before and after the first of a character.
    pub(super) fn split_once(self, at: char) -> Option<(Self, Self)> {
        let place = self.as_str().find(at)?;
        Some((self.part(0..place), self.from(place + at.len_utf8())))
    }

    /// The parts between separators that stand in no parentheses and no code, trimmed.
    pub(super) fn split_outside(self, is_separator: fn(char) -> bool) -> Vec<Self> {
        let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_usize);
        let last_tick = self.as_str().rfind('`').unwrap_or_default();
        let mut in_code = false;
        for (place, char) in self.as_str().char_indices() {
            match char {
                // What is not closed was not opened.
                '`' => in_code = !in_code && place < last_tick,
                _ if in_code => {}
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ if depth == 0 && is_separator(char) => {
                    parts.push(self.part(start..place).trim());
                    start = place + char.len_utf8();
                }
                _ => {}
            }
        }
        parts.push(self.from(start).trim());
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_part_is_still_in_its_line() {
        let line = Piece::line(7, "é - **labels**: a (b, c), `d` ");
        let (key, value) = line.split_once(':').expect("it has one");
        assert_eq!(key.from(3).trim().from(1).plain().as_str(), "labels");
        let parts = value.split_outside(|char| char == ',');
        let texts: Vec<_> = parts.iter().map(|part| part.as_str()).collect();
        assert_eq!(texts, ["a (b, c)", "`d`"]);
        let place = parts[1].plain().at("doc.md");
        assert_eq!((place.line, place.column, &place.text[place.span.clone()]), (7, 28, "d"));
        assert_eq!(line.part(0..usize::MAX).as_str(), line.as_str());
        assert!(line.from(99).is_empty());
    }
}
