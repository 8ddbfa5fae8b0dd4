//! The tokens of an expression, with their places.

use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a keyword, `inf` and `nan`.
    Word,
    /// A number or a duration.
    Number,
    String,
    /// An operator or a bracket: one or two characters.
    Sign,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) place: Range<usize>,
}

/// The tokens of an expression; white space and comments are none.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    // The grammar has other names between braces: `:` stands in those of metrics alone.
    let mut in_braces = false;
    while let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let (kind, length) = match first {
            _ if first.is_whitespace() => (None, first.len_utf8()),
            '#' => (None, rest.find(['\n', '\r']).unwrap_or(rest.len())),
            '"' | '\'' | '`' => (Some(Kind::String), string_length(rest, first)),
            _ if first.is_ascii_digit() => (Some(Kind::Number), number_length(rest)),
            '.' => (Some(Kind::Number), number_length(rest)),
            _ if is_name(first) || (first == ':' && !in_braces) => {
                let end = rest.find(|c: char| !is_name(c) && !c.is_ascii_digit() && (c != ':' || in_braces));
                (Some(Kind::Word), end.unwrap_or(rest.len()))
            }
            _ => {
                in_braces = if in_braces { first != '}' } else { first == '{' };
                let two = ["==", "!=", ">=", "<=", "=~", "!~"].iter().any(|sign| rest.starts_with(sign));
                (Some(Kind::Sign), if two { 2 } else { first.len_utf8() })
            }
        };
        if let Some(kind) = kind {
            tokens.push(Token { kind, place: at..at + length });
        }
        at += length.max(1);
    }
    tokens
}

/// Words that are numbers.
pub(super) fn is_number_word(text: &str) -> bool {
    text.eq_ignore_ascii_case("inf") || text.eq_ignore_ascii_case("nan")
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

/// Up to the closing quote; a string that is not closed goes to the end.
fn string_length(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            // As in the parser, which takes `\` in backquotes for an escape too.
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Digits, a point, an exponent with its sign, units: `5m30s`, `1e-3`, `0x1f`.
fn number_length(rest: &str) -> usize {
    let mut before = '0';
    let hexadecimal = rest.starts_with("0x") || rest.starts_with("0X");
    let end = rest.find(|c: char| {
        let exponent = matches!(before, 'e' | 'E') && matches!(c, '+' | '-') && !hexadecimal;
        let part = c.is_ascii_alphanumeric() || c == '.' || c == '_' || exponent;
        before = c;
        !part
    });
    end.unwrap_or(rest.len()).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_and_comments_hide_what_is_in_them() {
        let text = "sum(a:b{c=~\"d\\\"}\", e!='(' } [5m]) # f(\n>= 1e-3 + `x` - 0x1f.g";
        let read: Vec<_> = tokens(text).into_iter().map(|token| &text[token.place]).collect();
        let expected = [
            "sum",
            "(",
            "a:b",
            "{",
            "c",
            "=~",
            "\"d\\\"}\"",
            ",",
            "e",
            "!=",
            "'('",
            "}",
            "[",
            "5m",
            "]",
            ")",
            ">=",
            "1e-3",
            "+",
            "`x`",
            "-",
            "0x1f.g",
        ];
        assert_eq!(read, expected);
    }
}
