//! Colours for a terminal.

use std::ffi::OsStr;
use std::fmt::Display;
use std::io::IsTerminal;

/// Whether to colour a rendering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    Never,
    /// ANSI colours.
    Always,
}

impl Color {
    /// Colours where `stream` is a terminal and the environment does not set `NO_COLOR`
    /// (<https://no-color.org>).
    pub fn auto(stream: &impl IsTerminal) -> Self {
        Self::choose(stream.is_terminal(), std::env::var_os("NO_COLOR").as_deref())
    }

    fn choose(is_terminal: bool, no_color: Option<&OsStr>) -> Self {
        let refused = no_color.is_some_and(|value| !value.is_empty());
        if is_terminal && !refused { Self::Always } else { Self::Never }
    }

    pub(crate) fn paint(self, style: &str, text: impl Display) -> String {
        match self {
            Self::Never => text.to_string(),
            Self::Always => format!("{style}{text}{RESET}"),
        }
    }
}

pub(crate) const BOLD: &str = "\x1b[1m";
pub(crate) const DIM: &str = "\x1b[2m";
pub(crate) const RED: &str = "\x1b[31m";
pub(crate) const GREEN: &str = "\x1b[32m";
pub(crate) const YELLOW: &str = "\x1b[33m";
pub(crate) const CYAN: &str = "\x1b[36m";
const RESET: &str = "\x1b[0m";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_that_do_not_refuse_it() {
        let refusal = Some(OsStr::new("1"));
        assert_eq!(Color::choose(true, None), Color::Always);
        assert_eq!(Color::choose(true, Some(OsStr::new(""))), Color::Always);
        assert_eq!(Color::choose(true, refusal), Color::Never);
        assert_eq!(Color::choose(false, None), Color::Never);
    }
}
