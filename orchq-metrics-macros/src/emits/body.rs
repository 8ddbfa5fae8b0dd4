//! The body's tokens, walked and not parsed, so that recording works inside
//! `tokio::select!`, closures and other macros.

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};

use super::args::is_path_sep;

/// A struct literal whose path may be a metric's: `v1::queue_depth { .. }`.
pub(crate) struct Literal {
    /// The path's tokens, with the user's spans.
    pub(crate) path: TokenStream,
    pub(crate) segments: Vec<Ident>,
    pub(crate) braces: Span,
    /// Whether a method of an emission is called on it.
    pub(crate) records: bool,
}

impl Literal {
    pub(crate) fn name(&self) -> &Ident {
        self.segments.last().expect("a path has a segment")
    }
}

/// Calls `visit` for each struct literal, in order. What it returns is put behind the literal.
pub(crate) fn rewrite(stream: TokenStream, visit: &mut impl FnMut(Literal) -> TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut out = TokenStream::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(end) = annotated_function_end(&tokens[at..]) {
            // Its own annotation binds what it records.
            out.extend(tokens[at..at + end].iter().cloned());
            at += end;
            continue;
        }
        match &tokens[at] {
            TokenTree::Group(group) => {
                let literal = (group.delimiter() == Delimiter::Brace).then(|| literal(&tokens, at)).flatten();
                // Visited before what is inside it, to keep the order of the source.
                let call = literal.map(&mut *visit);
                let mut inner = Group::new(group.delimiter(), rewrite(group.stream(), visit));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
                out.extend(call);
            }
            token => out.extend([token.clone()]),
        }
        at += 1;
    }
    out
}

/// The literal whose braces are the token at `at`, unless they are something else.
fn literal(tokens: &[TokenTree], at: usize) -> Option<Literal> {
    let (path, before) = path_before(&tokens[..at])?;
    if is_declaration(before) || is_pattern(&tokens[at + 1..]) {
        return None;
    }
    let segments = path.iter().filter_map(|token| match token {
        TokenTree::Ident(segment) => Some(segment.clone()),
        _ => None,
    });
    Some(Literal {
        segments: segments.collect(),
        braces: tokens[at].span(),
        path: path.iter().cloned().collect(),
        records: records(&tokens[at + 1..]),
    })
}

/// The path that ends `tokens`, and what stands before it.
fn path_before(tokens: &[TokenTree]) -> Option<(Vec<TokenTree>, &[TokenTree])> {
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
                match start.checked_sub(1).map(|at| &tokens[at]) {
                    Some(TokenTree::Ident(word)) if !starts_expression(word) => start -= 1,
                    _ => break,
                }
            }
            Some((tokens[start..].to_vec(), &tokens[..start]))
        }
        _ => None,
    }
}

/// Keywords that can stand before `::path`, and are no segment of it.
fn starts_expression(word: &Ident) -> bool {
    ["return", "break", "in", "else", "match", "if", "while", "await", "move", "yield"]
        .iter()
        .any(|keyword| word == keyword)
}

/// `struct name { .. }`, `impl Trait for name { .. }`, `fn f() -> name { .. }` and the like.
fn is_declaration(before: &[TokenTree]) -> bool {
    match before {
        [.., TokenTree::Punct(dash), TokenTree::Punct(angle)] => dash.as_char() == '-' && angle.as_char() == '>',
        [.., TokenTree::Ident(word)] => {
            ["struct", "enum", "union", "impl", "for", "mod", "trait", "dyn", "type", "use"]
                .iter()
                .any(|keyword| word == keyword)
        }
        _ => false,
    }
}

/// Whether the braces were those of a pattern: `let name { .. } =`, `name { .. } =>`.
fn is_pattern(after: &[TokenTree]) -> bool {
    match after {
        [TokenTree::Punct(punct), rest @ ..] => match punct.as_char() {
            '=' => {
                let compares = matches!(rest, [TokenTree::Punct(next), ..] if next.as_char() == '=');
                !(compares && punct.spacing() == Spacing::Joint)
            }
            '|' | ':' => true,
            _ => false,
        },
        [TokenTree::Ident(word), ..] => word == "if",
        _ => false,
    }
}

/// The methods of an emission, to tell a metric that is not listed from any other struct.
const METHODS: [&str; 9] = ["inc", "inc_by", "set", "dec", "add", "sub", "observe", "start_timer", "handle"];

fn records(after: &[TokenTree]) -> bool {
    match after {
        [TokenTree::Punct(dot), TokenTree::Ident(method), ..] => {
            dot.as_char() == '.' && METHODS.iter().any(|known| method == known)
        }
        _ => false,
    }
}

/// The length of a function with an annotation of its own at the start of `tokens`.
fn annotated_function_end(tokens: &[TokenTree]) -> Option<usize> {
    let [TokenTree::Punct(hash), TokenTree::Group(attribute), ..] = tokens else { return None };
    if hash.as_char() != '#' || attribute.delimiter() != Delimiter::Bracket || !names_emits(attribute.stream()) {
        return None;
    }
    let at_fn = tokens.iter().position(|token| matches!(token, TokenTree::Ident(word) if word == "fn"))?;
    let is_body = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
    let body = tokens[at_fn..].iter().position(is_body)?;
    Some(at_fn + body + 1)
}

fn names_emits(attribute: TokenStream) -> bool {
    let path = attribute.into_iter().take_while(|token| !matches!(token, TokenTree::Group(_)));
    path.last().is_some_and(|token| matches!(token, TokenTree::Ident(word) if word == "emits"))
}
