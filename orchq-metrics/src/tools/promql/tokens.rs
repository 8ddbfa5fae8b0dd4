//! The tokens of an expression, as the parser reads them.

use lrpar::{Lexeme as _, Lexer as _};

use super::ast::Place;

pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) place: Place,
}

/// The tokens of an expression without white space and comments.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    let lexer = promql_parser::parser::lexer(text)?;
    let places = lexer.iter().flatten().map(|lexeme| lexeme.span().start()..lexeme.span().end());
    Ok(places.map(|place| Token { text: text.get(place.clone()).unwrap_or_default(), place }).collect())
}

impl Token<'_> {
    pub(super) fn reads(&self, text: &str) -> bool {
        self.text.eq_ignore_ascii_case(text)
    }

    pub(super) fn is_string(&self) -> bool {
        self.text.starts_with(['"', '\'', '`'])
    }

    pub(super) fn is_number(&self) -> bool {
        self.text.starts_with(|c: char| c.is_ascii_digit() || c == '.') || self.reads("inf") || self.reads("nan")
    }

    /// Whether it is an operator or a bracket.
    pub(super) fn is_sign(&self) -> bool {
        !self.is_string() && !self.text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | ':' | '.'))
    }
}
