//! The part of Rust's grammar that distinguishes the braces of a struct literal from those of a block, and finds
//! the end of what a `cfg` covers.

use proc_macro2::{Delimiter, Group, Ident, Spacing, TokenStream, TokenTree};

use crate::emits::args::is_path_sep;

/// What braces after the current token would be.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Part {
    /// Braces behind a path are a struct literal's.
    Expression,
    /// Between `if`, `while`, `match` or `in` and their block: struct literals are not allowed here, so braces
    /// behind an operand are the block.
    Head,
    /// Braces behind a path are a pattern's.
    Pattern { in_head: bool },
    /// Between `impl`, `struct` and the like and their braces.
    Header { holds_code: bool },
}

/// The kind of list that the tokens of a level are, which decides where a `cfg` ends. In doubt, a `cfg` ends too
/// early: an emission under a `cfg` that is off is then counted, and no emission is missed.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// Statements: a `;` ends one.
    Statements,
    /// The arms of a `match`: a comma or a block ends one.
    Arms,
    /// Arguments, fields, or one expression: a comma ends one.
    List,
}

impl Shape {
    pub(super) fn new(tokens: &[TokenTree]) -> Self {
        let is = |token: &TokenTree, sign| matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign);
        if tokens.windows(2).any(|pair| is(&pair[0], '=') && is(&pair[1], '>')) {
            Self::Arms
        } else if tokens.iter().any(|token| is(token, ';')) {
            Self::Statements
        } else {
            Self::List
        }
    }

    pub(super) fn ends_statement(self, token: &TokenTree) -> bool {
        let TokenTree::Punct(punct) = token else { return false };
        punct.as_char() == ';' || punct.as_char() == ',' && self != Self::Statements
    }

    /// Whether a statement, an arm or an element continues behind a pair of braces.
    pub(super) fn continues_behind_braces(self, after: &[TokenTree]) -> bool {
        match after {
            [TokenTree::Punct(first), TokenTree::Punct(second), ..] if first.as_char() == '&' => {
                second.as_char() == '&'
            }
            [TokenTree::Punct(punct), ..] => matches!(punct.as_char(), '.' | '?' | '=' | '|'),
            [TokenTree::Ident(word), ..] => word == "else" || word == "as" || self == Self::Arms && word == "if",
            _ => false,
        }
    }
}

/// Braces, also as a `$b:block` of a `macro_rules!`, which comes in an invisible group.
pub(crate) fn braces(token: &TokenTree) -> Option<Group> {
    let TokenTree::Group(group) = token else { return None };
    match group.delimiter() {
        Delimiter::Brace => Some(group.clone()),
        Delimiter::None => {
            let mut inner = group.stream().into_iter();
            match (inner.next(), inner.next()) {
                (Some(only), None) => braces(&only),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The part at each token.
pub(super) fn parts(tokens: &[TokenTree], start: Part) -> Vec<Part> {
    let mut parts = Vec::with_capacity(tokens.len());
    let mut part = start;
    for (index, token) in tokens.iter().enumerate() {
        parts.push(part);
        part = match token {
            TokenTree::Group(_) if braces(token).is_some() => after_braces(part, &tokens[..index]),
            TokenTree::Group(_) => part,
            _ => after_token(part, tokens, index, start),
        };
    }
    parts
}

/// The part after a word or a sign.
pub(super) fn after_token(part: Part, tokens: &[TokenTree], index: usize, start: Part) -> Part {
    match &tokens[index] {
        TokenTree::Ident(word) => after_word(part, &word.to_string(), tokens.get(index + 1)),
        TokenTree::Punct(punct) => {
            match (punct.as_char(), part) {
                (';', _) => start,
                // Of a generic header, or of a turbofish in a head.
                (',', Part::Header { .. } | Part::Head) => part,
                (',', _) => start,
                ('>', Part::Head) if is_joint(tokens, index, '=') => start,
                ('=', Part::Pattern { in_head }) if start == Part::Expression && is_assignment(tokens, index) => {
                    if in_head {
                        Part::Head
                    } else {
                        Part::Expression
                    }
                }
                _ => part,
            }
        }
        _ => part,
    }
}

fn after_word(part: Part, word: &str, next: Option<&TokenTree>) -> Part {
    match (word, part) {
        ("impl" | "trait", _) => Part::Header { holds_code: true },
        ("struct" | "enum" | "union", _) if matches!(next, Some(TokenTree::Ident(_))) => {
            Part::Header { holds_code: false }
        }
        (_, Part::Header { .. }) => part,
        ("if" | "while" | "match", _) => Part::Head,
        ("let", _) => Part::Pattern { in_head: part == Part::Head },
        // `for<'a>` is a type.
        ("for", _) if !matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == '<') => {
            Part::Pattern { in_head: true }
        }
        ("in", Part::Pattern { .. }) => Part::Head,
        _ => part,
    }
}

/// The part after a pair of braces.
pub(super) fn after_braces(part: Part, before: &[TokenTree]) -> Part {
    match part {
        Part::Header { .. } => Part::Expression,
        Part::Head if ends_operand(before) => Part::Expression,
        _ => part,
    }
}

/// Whether the tokens can be a complete operand, so that braces behind them are a block.
fn ends_operand(before: &[TokenTree]) -> bool {
    if let [.., TokenTree::Punct(first), TokenTree::Punct(second)] = before
        && first.as_char() == '.'
        && second.as_char() == '.'
    {
        // An open range.
        return true;
    }
    match before.last() {
        Some(TokenTree::Ident(word)) => !is_opener(word),
        Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), '?' | '>'),
        Some(TokenTree::Group(_) | TokenTree::Literal(_)) => true,
        None => false,
    }
}

/// Keywords that can precede a block or an expression.
pub(super) fn is_opener(word: &Ident) -> bool {
    ["if", "while", "match", "in", "return", "break", "else", "move", "async", "unsafe", "loop", "const", "try"]
        .iter()
        .any(|opener| word == opener)
}

/// Whether the sign at `index` ends a pair such as `=>`.
fn is_joint(tokens: &[TokenTree], index: usize, first: char) -> bool {
    matches!(&tokens[..index], [.., TokenTree::Punct(punct)] if punct.as_char() == first && punct.spacing() == Spacing::Joint)
}

/// Whether the `=` at `index` is an assignment, and not part of `==`, `=>`, `..=`, `<=` and similar.
pub(super) fn is_assignment(tokens: &[TokenTree], index: usize) -> bool {
    let begins_pair = matches!(
        (&tokens[index], tokens.get(index + 1)),
        (TokenTree::Punct(this), Some(TokenTree::Punct(next)))
            if this.spacing() == Spacing::Joint && matches!(next.as_char(), '=' | '>')
    );
    let ends_pair = matches!(
        &tokens[..index],
        [.., TokenTree::Punct(before)] if before.spacing() == Spacing::Joint && matches!(before.as_char(), '.' | '=' | '!' | '<')
    );
    !begins_pair && !ends_pair
}

/// The path at the end of `tokens`, and the tokens before it.
pub(super) fn path_before(tokens: &[TokenTree]) -> Option<(Vec<TokenTree>, &[TokenTree])> {
    match tokens {
        // A `$metric:path` of a `macro_rules!` comes in an invisible group.
        [before @ .., TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            let (path, rest) = path_before(&inner)?;
            rest.is_empty().then_some((path, before))
        }
        [.., TokenTree::Ident(_)] => {
            let mut start = tokens.len() - 1;
            while start >= 2 && is_path_sep(&tokens[start - 2..]) {
                start -= 2;
                match start.checked_sub(1).map(|index| &tokens[index]) {
                    // A keyword before `::path` is not a segment of it.
                    Some(TokenTree::Ident(word)) if !is_opener(word) => start -= 1,
                    _ => break,
                }
            }
            Some((tokens[start..].to_vec(), &tokens[..start]))
        }
        _ => None,
    }
}

/// `fn f() -> name { .. }`, `mod name { .. }` and the like.
pub(super) fn is_declaration(before: &[TokenTree]) -> bool {
    match before {
        [.., TokenTree::Punct(dash), TokenTree::Punct(angle)] => dash.as_char() == '-' && angle.as_char() == '>',
        [.., TokenTree::Ident(word)] => ["mod", "dyn", "type", "use", "fn"].iter().any(|keyword| word == keyword),
        _ => false,
    }
}

/// The inside of an outer attribute at the start of `tokens`.
pub(super) fn attribute(tokens: &[TokenTree]) -> Option<TokenStream> {
    match tokens {
        [TokenTree::Punct(hash), TokenTree::Group(group), ..]
            if hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket =>
        {
            Some(group.stream())
        }
        _ => None,
    }
}

/// The method, if the tokens call one whose result has to be kept.
pub(super) fn kept(call: &[TokenTree]) -> Option<&Ident> {
    match call {
        [TokenTree::Punct(dot), TokenTree::Ident(method), TokenTree::Group(arguments)]
            if dot.as_char() == '.' && arguments.delimiter() == Delimiter::Parenthesis =>
        {
            ["enter", "start_timer", "time", "handle"].iter().any(|known| method == known).then_some(method)
        }
        _ => None,
    }
}
