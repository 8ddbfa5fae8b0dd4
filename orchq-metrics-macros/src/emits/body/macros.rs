//! Macros that are called in a body.

use proc_macro2::{Ident, TokenStream, TokenTree};

use super::grammar::{is_opener, path_before};

/// Macros whose input is code.
const CODE_MACROS: [&str; 6] = ["select", "select_biased", "cfg_if", "stream", "try_stream", "thread_local"];

/// Macros whose input is expressions.
const VALUE_MACROS: [&str; 20] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "dbg",
    "eprintln",
    "format",
    "join",
    "matches",
    "panic",
    "print",
    "println",
    "todo",
    "try_join",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// Macros whose input is never code.
const TEXT_MACROS: [&str; 4] = ["stringify", "concat", "compile_error", "cfg"];

/// What the tokens of a macro are.
pub(super) enum Input {
    /// Statements, or arms of a `match`.
    Code,
    /// Expressions between commas.
    Values,
    /// The macro may do anything with them.
    Unknown,
}

impl Input {
    pub(super) fn new(name: &str) -> Self {
        if CODE_MACROS.contains(&name) {
            Self::Code
        } else if VALUE_MACROS.contains(&name) {
            Self::Values
        } else {
            Self::Unknown
        }
    }
}

/// The path of a macro before its input, and what is before the path: `name!`, or `macro_rules! name`.
pub(super) fn macro_path(before: &[TokenTree]) -> Option<(Vec<TokenTree>, &[TokenTree])> {
    let before = match before {
        [before @ .., TokenTree::Ident(word), TokenTree::Punct(bang), TokenTree::Ident(_)] if word == "macro_rules" => {
            return (bang.as_char() == '!').then(|| (vec![TokenTree::Ident(word.clone())], before));
        }
        [before @ .., TokenTree::Punct(bang)] if bang.as_char() == '!' => before,
        _ => return None,
    };
    let (path, before) = path_before(before)?;
    let keyword = matches!(path.as_slice(), [TokenTree::Ident(word)] if is_opener(word));
    (!keyword).then_some((path, before))
}

/// The name of the macro whose input follows.
pub(super) fn macro_name(before: &[TokenTree]) -> Option<String> {
    macro_path(before)?.0.last().map(ToString::to_string)
}

/// The index at which its path begins.
pub(super) fn macro_start(before: &[TokenTree]) -> Option<usize> {
    macro_path(before).map(|(_, before)| before.len())
}

/// The length of what starts `tokens` and never becomes code: the input of a macro such as `stringify!`, or a macro
/// that nothing in the body calls.
pub(super) fn uncompiled_length(body: &TokenStream, tokens: &[TokenTree]) -> Option<usize> {
    let is_bang = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '!');
    match tokens {
        [TokenTree::Ident(word), bang, TokenTree::Group(_), ..] if is_bang(bang) => {
            TEXT_MACROS.iter().any(|known| word == known).then_some(3)
        }
        [TokenTree::Ident(word), bang, TokenTree::Ident(name), TokenTree::Group(rules), ..]
            if word == "macro_rules" && is_bang(bang) =>
        {
            (count(body.clone(), name) == 1 + count(rules.stream(), name)).then_some(4)
        }
        _ => None,
    }
}

/// How often a word is among the tokens.
fn count(stream: TokenStream, word: &Ident) -> usize {
    let each = stream.into_iter().map(|token| match token {
        TokenTree::Ident(ident) => usize::from(ident == *word),
        TokenTree::Group(group) => count(group.stream(), word),
        TokenTree::Punct(_) | TokenTree::Literal(_) => 0,
    });
    each.sum()
}
