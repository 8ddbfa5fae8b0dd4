//! Output that fits on a screen.

use std::fmt::Display;
use std::io::{self, Write};

/// The longest line.
pub(super) const COLUMNS: usize = 100;

/// Writes a text behind `indent` spaces. What does not fit goes to further lines, two spaces deeper; they begin after a
/// space or a comma of the text where there is one.
pub(super) fn write(out: &mut dyn Write, indent: usize, text: impl Display) -> io::Result<()> {
    let text = text.to_string();
    for line in text.lines() {
        write_line(out, indent, line)?;
    }
    Ok(())
}

fn write_line(out: &mut dyn Write, first_indent: usize, text: &str) -> io::Result<()> {
    let (mut indent, mut line) = (first_indent, String::new());
    for word in text.split_inclusive([' ', ',']) {
        let mut room = COLUMNS.saturating_sub(indent + line.chars().count());
        for (at, character) in word.trim_end().char_indices() {
            let whole_word_moves = at == 0 && word.trim_end().chars().count() > room && !line.is_empty();
            if whole_word_moves || room == 0 {
                writeln!(out, "{:indent$}{}", "", line.trim_end())?;
                line.clear();
                indent = first_indent + 2;
                room = COLUMNS - indent;
            }
            line.push(character);
            room -= 1;
        }
        line.push_str(&word[word.trim_end().len()..]);
    }
    writeln!(out, "{:indent$}{}", "", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(indent: usize, text: &str) -> String {
        let mut out = Vec::new();
        write(&mut out, indent, text).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_short_text_stays_as_it_is() {
        assert_eq!(written(2, "a  b, c\nd"), "  a  b, c\n  d\n");
        assert_eq!(written(0, &"x".repeat(COLUMNS)), "x".repeat(COLUMNS) + "\n");
    }

    #[test]
    fn a_long_text_is_wrapped_and_loses_nothing() {
        for text in
            ["word ".repeat(70), "label=\"value\",".repeat(40), "é".repeat(250), format!("{} b", "a".repeat(99))]
        {
            let written = written(2, text.trim_end());
            assert!(
                written.lines().count() > 1 && written.lines().all(|line| line.chars().count() <= COLUMNS),
                "{written}"
            );
            let squeeze = |text: &str| text.replace([' ', '\n'], "");
            assert_eq!(squeeze(&written), squeeze(&text));
        }
        let lines = written(2, &"word ".repeat(45));
        let indents: Vec<_> = lines.lines().map(|line| line.len() - line.trim_start().len()).collect();
        assert_eq!(indents, [2, 4, 4]);
    }
}
