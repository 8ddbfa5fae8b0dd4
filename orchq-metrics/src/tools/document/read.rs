//! The lines of a document, and what is on them.

use crate::contract::markdown::FIELDS;
use crate::declare::label::is_label_name;
use crate::report::finding::Location;

const COMMENT_END: &str = "-->";

#[derive(Clone, Copy)]
pub(super) struct Line<'a> {
    /// From 1.
    number: usize,
    pub(super) text: &'a str,
    /// Whether it is indented or continues a paragraph, and so belongs to the item above.
    pub(super) is_below: bool,
}

impl<'a> Line<'a> {
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

    /// The name of the metric that this line may be.
    pub(super) fn name(self) -> Option<&'a str> {
        let item = self.item().filter(|_| self.indent() == 0)?;
        Some(item.trim_end().trim_matches('`')).filter(|name| name.split(':').all(is_label_name))
    }

    /// Whether it is a list item, a row of a table or the beginning of a code fence.
    pub(super) fn is_structured(self) -> bool {
        let is_row = self.text.trim_start().starts_with('|') || self.text.contains(" | ");
        is_row || self.item().is_some() || verbatim(self.text).is_some_and(|end| end != COMMENT_END)
    }

    /// The key and the value of an item such as `type: gauge`.
    pub(super) fn pair(self) -> Option<(&'a str, &'a str)> {
        let (key, value) = self.item()?.split_once(':')?;
        Some((key.trim_end(), value.trim_start()))
    }

    /// The name of the field that this line is.
    pub(super) fn field(self) -> Option<&'static str> {
        let (key, _) = self.pair()?;
        FIELDS.into_iter().map(|(name, _)| name).find(|name| *name == key)
    }

    pub(super) fn heading(self) -> Option<&'a str> {
        let text = self.text.trim_start_matches('#');
        let level = self.text.len() - text.len();
        let is_heading = (1..=6).contains(&level) && (text.is_empty() || text.starts_with([' ', '\t']));
        let title = text.trim_end().trim_end_matches('#');
        let has_closing_sequence = title.is_empty() || title.ends_with([' ', '\t']);
        is_heading.then(|| if has_closing_sequence { title } else { text }.trim())
    }

    /// The location of a part of the line's text.
    pub(super) fn location(self, source: &str, part: &str) -> Location {
        let start = part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        Location::new(source, self.number, self.text, start..start + part.len())
    }
}

pub(super) fn has_fields(lines: &[Line<'_>]) -> bool {
    lines.iter().any(|line| line.field().is_some())
}

/// The lines of a document without blank ones and, of a code fence or a comment, without all but the first.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut lines, mut open, mut after_blank) = (Vec::new(), None::<&str>, true);
    for (index, text) in text.lines().enumerate() {
        if let Some(end) = open {
            open = Some(end).filter(|end| !ends_verbatim(text, end));
            continue;
        }
        let mut line = Line { number: index + 1, text, is_below: text.starts_with(char::is_whitespace) };
        let end = verbatim(text);
        let begins_block = line.item().is_some() || line.heading().is_some() || end.is_some();
        line.is_below |= !after_blank && !begins_block;
        after_blank = text.trim().is_empty();
        lines.extend((!after_blank).then_some(line));
        open = end.filter(|end| *end != COMMENT_END || !text.contains(COMMENT_END));
    }
    lines
}

/// The end of the code fence or the comment that begins on a line.
fn verbatim(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let fence = |char| text.split_at(text.len() - text.trim_start_matches(char).len()).0;
    let fence = ['`', '~'].map(fence).into_iter().find(|fence| fence.len() >= 3);
    fence.or_else(|| text.starts_with("<!--").then_some(COMMENT_END))
}

fn ends_verbatim(text: &str, end: &str) -> bool {
    let is_fence = || text.trim().starts_with(end) && text.trim().chars().all(|char| end.starts_with(char));
    if end == COMMENT_END { text.contains(end) } else { is_fence() }
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

/// The name and the values of a label such as `engine (llamacpp|vllm)`.
pub(super) fn label(part: &str) -> (&str, Option<Vec<&str>>) {
    let with_values = part.strip_suffix(')').and_then(|part| part.split_once('('));
    let (name, values) = with_values.map_or((part, None), |(name, values)| (name, Some(alternatives(values))));
    (name.trim().trim_matches('`'), values)
}
