//! The body as tokens. It is never parsed, so that emissions are found inside `tokio::select!`, closures and
//! other macros.

mod dropped;
mod ends;
mod grammar;
mod macros;
mod names;
#[cfg(test)]
mod tests;
pub(crate) mod unseen;

use proc_macro2::{Delimiter, Group, Ident, Spacing, Span, TokenStream, TokenTree};

use dropped::Level;
pub(crate) use ends::End;
pub(crate) use grammar::braces;
use grammar::{Part, Shape, after_braces, after_token, attribute, is_declaration, is_opener, kept, path_before};
use macros::uncompiled_length;

/// A struct literal whose path may be a metric's: `v1::queue_depth { .. }`.
pub(crate) struct Literal {
    /// The path's tokens, with the user's spans.
    pub(crate) path: TokenStream,
    pub(crate) segments: Vec<Ident>,
    pub(crate) braces: Span,
    /// Whether it looks like an emission: its name is spelled like a metric's, and a method of an emission is
    /// called on it.
    pub(crate) records: bool,
    /// Whether a method of an emission is called on it, whatever its name.
    pub(crate) called: bool,
    /// Whether it has labels between its braces.
    pub(crate) has_fields: bool,
    /// How it is dropped, as in `let _ = m { .. };`; `None` from a walk that does not look for it.
    pub(crate) dropped: Option<End>,
    /// The last method behind it, if what that returns has to be kept.
    pub(crate) kept: Option<Ident>,
    /// The `#[cfg(..)]`s that apply to it.
    pub(crate) cfgs: TokenStream,
}

impl Literal {
    pub(crate) fn name(&self) -> &Ident {
        self.segments.last().expect("a path has a segment")
    }
}

/// The struct literals of a body, in order.
pub(crate) fn literals(body: TokenStream) -> Vec<Literal> {
    collect(body, Level::Unknown)
}

/// The same literals, with what is dropped among them. It takes twice as long.
pub(crate) fn literals_and_drops(body: TokenStream) -> Vec<Literal> {
    collect(body, Level::Code(End::Used))
}

fn collect(body: TokenStream, level: Level) -> Vec<Literal> {
    let mut literals = Vec::new();
    let visit = &mut |literal| {
        literals.push(literal);
        TokenStream::new()
    };
    Walk::new(body.clone(), visit).level(body, &TokenStream::new(), Part::Expression, level);
    literals
}

/// Calls `visit` for each struct literal, in order, and inserts the result behind the literal.
pub(crate) fn rewrite(stream: TokenStream, visit: &mut impl FnMut(Literal) -> TokenStream) -> TokenStream {
    Walk::new(stream.clone(), visit).level(stream, &TokenStream::new(), Part::Expression, Level::Unknown)
}

struct Walk<'v, V> {
    body: TokenStream,
    visit: &'v mut V,
}

impl<'v, V: FnMut(Literal) -> TokenStream> Walk<'v, V> {
    fn new(body: TokenStream, visit: &'v mut V) -> Self {
        Self { body, visit }
    }

    fn level(&mut self, stream: TokenStream, outer_cfgs: &TokenStream, start: Part, level: Level) -> TokenStream {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        let levels = dropped::levels(&tokens, start, level);
        let shape = Shape::new(&tokens);
        let mut out = TokenStream::new();
        let mut part = start;
        let mut cfgs = outer_cfgs.clone();
        let mut index = 0;
        while index < tokens.len() {
            let foreign = || foreign_item_length(&tokens[index..]);
            if let Some(length) = uncompiled_length(&self.body, &tokens[index..]).or_else(foreign) {
                out.extend(tokens[index..index + length].iter().cloned());
                index += length;
                cfgs = outer_cfgs.clone();
                continue;
            }
            if let Some(cfg) = cfg_attribute(&tokens, index) {
                cfgs.extend(cfg.iter().cloned());
            }
            match &tokens[index] {
                TokenTree::Group(group) => {
                    let is_braced = group.delimiter() == Delimiter::Brace && part == Part::Expression;
                    let literal = if is_braced { literal(&tokens, index, &cfgs) } else { None };
                    let outside = levels[index];
                    let level = if literal.is_some() { outside.inside_literal() } else { outside };
                    let dropped = outside.end_of_literal();
                    // Visited before what is inside it, to keep the order of the source.
                    let call = literal.map(|literal| (self.visit)(Literal { dropped, ..literal }));
                    let inside = if matches!(part, Part::Pattern { .. }) { part } else { Part::Expression };
                    let inner = match part {
                        Part::Header { holds_code: false } => group.stream(),
                        _ => self.level(group.stream(), &cfgs, inside, level),
                    };
                    let mut inner = Group::new(group.delimiter(), inner);
                    inner.set_span(group.span());
                    out.extend([TokenTree::Group(inner)]);
                    out.extend(call);
                    if braces(&tokens[index]).is_some() {
                        part = after_braces(part, &tokens[..index]);
                        if part == Part::Expression && !shape.continues_behind_braces(&tokens[index + 1..]) {
                            cfgs = outer_cfgs.clone();
                        }
                    }
                }
                token => {
                    out.extend([token.clone()]);
                    part = after_token(part, &tokens, index, start);
                    if shape.ends_statement(token) {
                        cfgs = outer_cfgs.clone();
                    }
                }
            }
            index += 1;
        }
        out
    }
}

/// The literal whose braces are the token at `index`, if they are a literal's.
fn literal(tokens: &[TokenTree], index: usize, cfgs: &TokenStream) -> Option<Literal> {
    let (path, before) = path_before(&tokens[..index])?;
    let after = &tokens[index + 1..];
    if is_declaration(before) || is_field(before) || is_pattern(after) {
        return None;
    }
    let segments: Vec<Ident> = path
        .iter()
        .filter_map(|token| match token {
            TokenTree::Ident(segment) => Some(segment.clone()),
            _ => None,
        })
        .collect();
    if matches!(segments.as_slice(), [only] if is_opener(only)) {
        return None;
    }
    let lowercase = segments.last()?.to_string().starts_with(|first: char| first.is_lowercase());
    let called = calls_method(after);
    Some(Literal {
        segments,
        braces: tokens[index].span(),
        path: path.iter().cloned().collect(),
        records: lowercase && called,
        called,
        has_fields: matches!(&tokens[index], TokenTree::Group(group) if !group.stream().is_empty()),
        dropped: None,
        kept: after.chunks(3).map_while(kept).last().cloned(),
        cfgs: cfgs.clone(),
    })
}

/// `self.name { .. }`, which has a meaning only in macros; `..name { .. }` is a literal.
fn is_field(before: &[TokenTree]) -> bool {
    let dot = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '.');
    match before {
        [.., first, second] if dot(second) => !dot(first),
        [only] => dot(only),
        _ => false,
    }
}

/// Whether the braces belong to a pattern: `name { .. } =>`, `|name { .. }|`.
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

/// The methods of an emission, which distinguish an unlisted metric from any other struct.
const METHODS: [&str; 11] =
    ["inc", "inc_by", "set", "dec", "add", "sub", "enter", "observe", "start_timer", "time", "handle"];

fn calls_method(after: &[TokenTree]) -> bool {
    match after {
        [TokenTree::Punct(dot), TokenTree::Ident(method), ..] => {
            dot.as_char() == '.' && METHODS.iter().any(|known| method == known)
        }
        _ => false,
    }
}

/// `#[cfg(..)]` at the start of a statement or an element: not at a closure's parameter, and not within the head
/// of an `if`, where it has a meaning only in macros.
fn cfg_attribute(tokens: &[TokenTree], index: usize) -> Option<&[TokenTree]> {
    let attribute = attribute(&tokens[index..])?;
    let starts = match &tokens[..index] {
        [] => true,
        [.., TokenTree::Punct(punct)] => matches!(punct.as_char(), ';' | ',' | '>'),
        // Behind a block, or another attribute.
        [.., TokenTree::Group(group)] => matches!(group.delimiter(), Delimiter::Brace | Delimiter::Bracket),
        _ => false,
    };
    let is_cfg = matches!(attribute.into_iter().next(), Some(TokenTree::Ident(name)) if name == "cfg");
    (starts && is_cfg).then(|| &tokens[index..index + 2])
}

/// The length of an item at the start of `tokens` that the annotation does not cover: a function with its own
/// annotation, or a module, which does not see the body's names.
fn foreign_item_length(tokens: &[TokenTree]) -> Option<usize> {
    if let [TokenTree::Ident(word), TokenTree::Ident(_), body, ..] = tokens
        && word == "mod"
        && braces(body).is_some()
    {
        return Some(3);
    }
    if !names_emits(attribute(tokens)?) {
        return None;
    }
    let fn_index = tokens.iter().position(|token| matches!(token, TokenTree::Ident(word) if word == "fn"))?;
    // Braces behind `<` or a comma are an argument of a type in the signature.
    let is_body = |index: &usize| {
        let argument = matches!(&tokens[*index - 1], TokenTree::Punct(punct) if matches!(punct.as_char(), '<' | ','));
        braces(&tokens[*index]).is_some() && !argument
    };
    (fn_index + 1..tokens.len()).find(is_body).map(|body| body + 1)
}

/// Whether an attribute is `#[emits(..)]`, or can become one through `cfg_attr`.
pub(crate) fn names_emits(attribute: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = attribute.into_iter().collect();
    let is = |token: &TokenTree, name| matches!(token, TokenTree::Ident(word) if word == name);
    let path_end = tokens.iter().position(|token| matches!(token, TokenTree::Group(_))).unwrap_or(tokens.len());
    match &tokens[..path_end] {
        [.., name] if is(name, "emits") => true,
        [name] if is(name, "cfg_attr") => match tokens.get(path_end) {
            Some(TokenTree::Group(group)) => group.stream().into_iter().any(|token| is(&token, "emits")),
            _ => false,
        },
        _ => false,
    }
}
