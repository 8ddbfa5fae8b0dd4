//! What happens to a value, and which methods' results that makes useless.

use proc_macro2::{Ident, TokenTree};

use super::grammar::path_before;

/// What happens to a value.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum End {
    /// It is handed on, as far as the tokens show.
    Used,
    /// It is dropped at the end of its scope: of a guard or a timer, that is the use.
    Unused,
    /// It is dropped at once.
    Dropped,
    /// It is passed to `mem::forget`: of a guard, that is a use.
    Forgotten,
}

impl End {
    /// Whether it makes what this method returns useless.
    pub(super) fn ends(self, method: &Ident, is_borrowed: bool) -> bool {
        match self {
            Self::Used => false,
            Self::Unused => method == "handle",
            // A borrow would extend the life of what it borrows.
            Self::Dropped => method == "handle" || !is_borrowed,
            Self::Forgotten => method != "enter",
        }
    }
}

/// What happens to an argument: `drop`, `mem::drop` and `mem::forget` end it.
pub(super) fn end_of_argument(before: &[TokenTree]) -> End {
    let Some((path, before)) = path_before(before) else { return End::Used };
    let elsewhere = match before.last() {
        Some(TokenTree::Punct(punct)) => punct.as_char() == '.',
        Some(TokenTree::Ident(word)) => word == "fn",
        _ => false,
    };
    let path: Vec<String> = path.iter().map(ToString::to_string).filter(|token| token != ":").collect();
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        _ if elsewhere => End::Used,
        ["drop"] | [.., "mem", "drop"] => End::Dropped,
        [.., "mem", "forget"] => End::Forgotten,
        _ => End::Used,
    }
}
