//! Label values as they are scraped, rendered once.

use std::sync::OnceLock;

use crate::concurrent::Segments;

/// The values of one open label as `,name="escaped value"`, found by their symbols.
pub(crate) struct Rendered(Segments<OnceLock<Box<str>>>);

impl Rendered {
    pub(crate) const fn new() -> Self {
        Self(Segments::new())
    }

    /// The pair of the symbol with these bits, rendered at its first use.
    #[inline]
    pub(crate) fn pair(&self, symbol: u32, render: impl FnOnce() -> String) -> &str {
        let index = symbol as usize;
        match self.0.get(index).and_then(OnceLock::get) {
            Some(known) => known,
            None => self.0.get_or_grow(index).get_or_init(|| render().into()),
        }
    }
}

/// Appends a label and its value in the text format: `,name="escaped value"`.
pub(crate) fn push_pair(name: &str, value: &str, out: &mut String) {
    out.push(',');
    out.push_str(name);
    out.push_str("=\"");
    escape(value, Quotes::Escaped, out);
    out.push('"');
}

/// Whether double quotes are escaped: in a label value they are, in a help text they must not be.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Quotes {
    Literal,
    Escaped,
}

/// Appends a text, escaped as the text format demands.
pub(crate) fn escape(text: &str, quotes: Quotes, out: &mut String) {
    for char in text.chars() {
        match char {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes == Quotes::Escaped => out.push_str("\\\""),
            char => out.push(char),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_and_label_values_are_escaped_each_by_its_own_rule() {
        let mut out = String::new();
        escape("a\\b\nc\"d é", Quotes::Literal, &mut out);
        assert_eq!(out, "a\\\\b\\nc\"d é");
        out.clear();
        push_pair("name", "a\\b\nc\"d é", &mut out);
        assert_eq!(out, ",name=\"a\\\\b\\nc\\\"d é\"");
    }
}
