//! A document, line by line: its headings, and its list items with the lines below them.

use std::iter::Peekable;

use crate::report::finding::Location;

pub(super) const FIELDS: [&str; 7] =
    ["type", "labels", "conditional labels", "unit", "buckets", "requirement", "description"];

const COMMENT_END: &str = "-->";

#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: usize,
    pub(super) text: &'a str,
}

impl<'a> Line<'a> {
    pub(super) fn is_blank(self) -> bool {
        self.text.trim().is_empty()
    }

    pub(super) fn indent(self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    /// The text of the list item that begins on this line.
    pub(super) fn item(self) -> Option<&'a str> {
        let text = self.text.trim();
        let digits = text.trim_start_matches(|char: char| char.is_ascii_digit());
        let ordered = if digits.len() < text.len() { digits.strip_prefix(['.', ')']) } else { None };
        let text = ordered.or_else(|| text.strip_prefix(['-', '*', '+']))?;
        text.starts_with([' ', '\t']).then(|| text.trim_start())
    }

    /// The key and the value of an item such as `type: gauge`.
    pub(super) fn pair(self) -> Option<(&'a str, &'a str)> {
        let (key, value) = self.item()?.split_once(':')?;
        Some((key.trim_end(), value.trim_start()))
    }

    /// The name of the field that this line is.
    pub(super) fn field(self) -> Option<&'static str> {
        let (key, _) = self.pair()?;
        FIELDS.into_iter().find(|name| *name == key)
    }

    /// The location of a part of the line's text.
    pub(super) fn location(self, source: &str, part: &str) -> Location {
        let start = part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        Location::new(source, self.number, self.text, start..start + part.len())
    }

    fn heading(self) -> Option<&'a str> {
        let text = self.text.trim_start_matches('#');
        let level = self.text.len() - text.len();
        let is_heading = (1..=6).contains(&level) && (text.is_empty() || text.starts_with([' ', '\t']));
        let text = text.trim();
        let title = text.trim_end_matches('#');
        let has_closing_sequence = title.is_empty() || title.ends_with([' ', '\t']);
        is_heading.then(|| if has_closing_sequence { title.trim_end() } else { text })
    }

    /// The end of a verbatim block (a code fence or a comment) that begins on this line.
    fn verbatim(self) -> Option<&'a str> {
        let text = self.text.trim_start();
        let fence = ['`', '~'].into_iter().find_map(|char| {
            let length = text.len() - text.trim_start_matches(char).len();
            (length >= 3).then(|| text.split_at(length).0)
        });
        fence.or_else(|| text.starts_with("<!--").then_some(COMMENT_END))
    }

    fn ends_verbatim(self, end: &str) -> bool {
        let fence = || self.text.trim_start().strip_prefix(end);
        let is_closed = |rest: &str| rest.trim().trim_start_matches(|char| end.starts_with(char)).is_empty();
        if end == COMMENT_END { self.text.contains(end) } else { fence().is_some_and(is_closed) }
    }
}

/// A part of the document.
pub(super) enum Block<'a> {
    Heading {
        line: Line<'a>,
        title: &'a str,
    },
    /// A list item that is not indented, and every line below that belongs to it.
    Item {
        line: Line<'a>,
        text: &'a str,
        below: Vec<Line<'a>>,
    },
    Prose(Line<'a>),
}

/// The parts of a document, without blank lines, code between fences, and comments.
pub(super) fn blocks<'a>(text: &'a str) -> impl Iterator<Item = Block<'a>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = text.lines().enumerate().map(|(index, text)| Line { number: index + 1, text });
    let mut lines = lines.peekable();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?;
            if skip_verbatim(&mut lines, line) || line.is_blank() {
                continue;
            }
            if let Some(title) = line.heading() {
                return Some(Block::Heading { line, title });
            }
            return Some(match line.item().filter(|_| line.indent() == 0) {
                Some(text) => Block::Item { line, text, below: lines_below(&mut lines) },
                None => Block::Prose(line),
            });
        }
    })
}

/// Whether a verbatim block begins on this line; its other lines are skipped.
fn skip_verbatim<'a>(lines: &mut impl Iterator<Item = Line<'a>>, line: Line<'a>) -> bool {
    let Some(end) = line.verbatim() else { return false };
    if end != COMMENT_END || !line.ends_verbatim(end) {
        lines.find(|line| line.ends_verbatim(end));
    }
    true
}

/// The lines that are indented, and those that continue a paragraph. Of a verbatim block, the first line.
fn lines_below<'a>(lines: &mut Peekable<impl Iterator<Item = Line<'a>>>) -> Vec<Line<'a>> {
    let mut below = Vec::new();
    let mut after_blank = false;
    while let Some(line) = lines.next_if(|line| {
        let begins_block = line.item().is_some() || line.heading().is_some() || line.verbatim().is_some();
        line.is_blank() || line.indent() > 0 || !(after_blank || begins_block)
    }) {
        after_blank = line.is_blank();
        if !after_blank {
            below.push(line);
            skip_verbatim(lines, line);
        }
    }
    below
}

/// The parts between separators that are not in parentheses or code, trimmed.
pub(super) fn split_outside(text: &str, separator: char) -> Vec<&str> {
    let (mut depth, mut in_code) = (0_usize, false);
    let parts = text.split(|char| {
        match char {
            '`' => in_code = !in_code,
            '(' if !in_code => depth += 1,
            ')' if !in_code => depth = depth.saturating_sub(1),
            _ => {}
        }
        char == separator && depth == 0 && !in_code
    });
    parts.map(str::trim).collect()
}

/// The values between vertical bars, sorted, without the backticks of code.
pub(super) fn alternatives(text: &str) -> Vec<&str> {
    let mut values: Vec<_> = split_outside(text, '|').into_iter().map(|value| value.trim_matches('`')).collect();
    values.sort_unstable();
    values
}
