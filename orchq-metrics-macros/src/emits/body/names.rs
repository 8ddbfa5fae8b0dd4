//! The names that a pattern binds, and where they are used.

use std::collections::HashMap;

use proc_macro2::{Delimiter, TokenTree};

use super::ends::{End, end_of_argument};

/// `_` or `(_, ..)`.
pub(super) fn is_underscores(pattern: &[TokenTree]) -> bool {
    let mut names = Vec::new();
    bound_names(pattern, &mut names) && names.is_empty() && !pattern.is_empty()
}

/// Collects the names that a pattern binds. `false` for a pattern that does more than bind.
pub(super) fn bound_names(pattern: &[TokenTree], names: &mut Vec<String>) -> bool {
    pattern.iter().all(|token| match token {
        TokenTree::Ident(word) => {
            if word != "_" && word != "mut" && word != "ref" {
                names.push(unraw(word.to_string()));
            }
            true
        }
        TokenTree::Punct(punct) => matches!(punct.as_char(), ',' | '.' | '&' | '@'),
        TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
            bound_names(&group.stream().into_iter().collect::<Vec<_>>(), names)
        }
        TokenTree::Group(_) | TokenTree::Literal(_) => false,
    })
}

/// For each word, also within a string such as `"{word}"`, the index of the last token of a list that has it.
pub(super) struct LastUses(HashMap<String, usize>);

impl LastUses {
    pub(super) fn new(tokens: &[TokenTree]) -> Self {
        let mut uses = Self(HashMap::new());
        tokens.iter().enumerate().filter(|(index, _)| !is_discarded(tokens, *index)).for_each(|(index, token)| {
            uses.visit(token, index);
        });
        uses
    }

    fn visit(&mut self, token: &TokenTree, index: usize) {
        match token {
            TokenTree::Ident(word) => {
                self.0.insert(unraw(word.to_string()), index);
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
                self.0.extend(words.map(|word| (word.to_owned(), index)));
            }
            TokenTree::Group(group) => group.stream().into_iter().for_each(|token| self.visit(&token, index)),
            TokenTree::Punct(_) => {}
        }
    }

    pub(super) fn is_used_behind(&self, name: &str, index: usize) -> bool {
        self.0.get(name).is_some_and(|last| *last > index)
    }
}

/// Whether the token is the name in `let _ = name;`, or the argument in `drop(name)`, which is not a use of a metric.
fn is_discarded(tokens: &[TokenTree], index: usize) -> bool {
    let is = |token: &TokenTree, sign| matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign);
    match (&tokens[..index], &tokens[index]) {
        ([.., TokenTree::Ident(binder), TokenTree::Ident(underscore), equals], TokenTree::Ident(_)) => {
            let ends = tokens.get(index + 1).is_some_and(|next| is(next, ';'));
            binder == "let" && underscore == "_" && is(equals, '=') && ends
        }
        (before, TokenTree::Group(arguments)) if arguments.delimiter() == Delimiter::Parenthesis => {
            let mut inner = arguments.stream().into_iter();
            end_of_argument(before) != End::Used
                && matches!((inner.next(), inner.next()), (Some(TokenTree::Ident(_)), None))
        }
        _ => false,
    }
}

fn unraw(word: String) -> String {
    word.strip_prefix("r#").map(ToOwned::to_owned).unwrap_or(word)
}
