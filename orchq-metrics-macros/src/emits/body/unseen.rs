//! Recordings that a body does not show, because a macro or another function builds the metric.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use super::grammar::path_before;
use super::macros::{Input, macro_name, macro_path};

/// Where a metric may be recorded that the body never builds.
pub(crate) enum Unseen {
    /// The input of the named macro has the metric's name.
    Macro(String, Ident),
    /// A method is called on the metric's name, as in `m.inc()` or `m(a, b).inc()`, or it is bound or passed.
    Name(Ident),
    /// A method of an emission is called on what the named function returns.
    Function(String),
    /// A method of an emission is called on this variable or field.
    Variable(String),
}

/// Where a body may record the metric of this name, if it does not build it.
pub(crate) fn find(body: TokenStream, name: &Ident) -> Option<Unseen> {
    find_named(body.clone(), name, false).or_else(|| find_receiver(body))
}

fn find_named(stream: TokenStream, name: &Ident, in_parentheses: bool) -> Option<Unseen> {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    tokens.iter().enumerate().find_map(|(index, token)| match token {
        TokenTree::Group(group) => match opaque_macro(&tokens[..index]) {
            Some(called) => named(group.stream(), name).map(|token| Unseen::Macro(called, token)),
            None => find_named(group.stream(), name, group.delimiter() == Delimiter::Parenthesis),
        },
        TokenTree::Ident(word) if word == name => {
            let by_name = records_by_name(&tokens[index + 1..]) || is_value(&tokens, index, in_parentheses);
            by_name.then(|| Unseen::Name(word.clone()))
        }
        _ => None,
    })
}

fn find_receiver(stream: TokenStream) -> Option<Unseen> {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    tokens.iter().enumerate().find_map(|(index, token)| match token {
        TokenTree::Group(group) => {
            let is_call = group.delimiter() == Delimiter::Parenthesis && records(&tokens[index + 1..]);
            let path = path_before(&tokens[..index]).filter(|_| is_call);
            let called = path.and_then(|(path, _)| path.last().map(ToString::to_string));
            called.map(Unseen::Function).or_else(|| find_receiver(group.stream()))
        }
        TokenTree::Ident(word) if records(&tokens[index + 1..]) => Some(Unseen::Variable(word.to_string())),
        _ => None,
    })
}

/// Whether a function has a variable of the metric's name.
pub(crate) fn has_variable(signature: &[TokenTree], body: TokenStream, name: &Ident) -> bool {
    let parameters = signature.iter().any(|token| match token {
        TokenTree::Group(group) => named(group.stream(), name).is_some(),
        _ => false,
    });
    parameters || binds(body, name)
}

fn binds(stream: TokenStream, name: &Ident) -> bool {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let bound = tokens.windows(2).any(|pair| match pair {
        [TokenTree::Ident(word), TokenTree::Ident(bound)] => {
            bound == name && ["let", "mut", "ref", "for"].iter().any(|binder| word == binder)
        }
        [TokenTree::Punct(bar), TokenTree::Ident(bound)] => bound == name && matches!(bar.as_char(), '|' | '&'),
        _ => false,
    });
    bound || tokens.iter().any(|token| matches!(token, TokenTree::Group(group) if binds(group.stream(), name)))
}

/// The body without what may record the metrics of these names: such macros, the names, and the methods of an
/// emission.
pub(crate) fn silence(stream: TokenStream, names: &[Ident]) -> TokenStream {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    let mut out: Vec<TokenTree> = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let is_named = || names.iter().any(|name| named(group.stream(), name).is_some());
                let inner = if opaque_macro(&out).is_some() && is_named() {
                    let before = macro_path(&out).map_or(out.len(), |(_, before)| before.len());
                    out.truncate(before);
                    out.extend(quote!(::core::unreachable!));
                    TokenStream::new()
                } else {
                    silence(group.stream(), names)
                };
                let mut inner = Group::new(group.delimiter(), inner);
                inner.set_span(group.span());
                out.push(inner.into());
            }
            TokenTree::Punct(_) if records(&tokens[index..]) => {
                out.extend(quote!(.orchq_metrics_unseen()));
                out.push(token.clone());
            }
            token => out.push(token.clone()),
        }
    }
    out.iter().map(ToTokens::to_token_stream).collect()
}

/// The name of a macro that may do anything with the input that follows.
fn opaque_macro(before: &[TokenTree]) -> Option<String> {
    macro_name(before).filter(|name| matches!(Input::new(name), Input::Unknown) && name != "macro_rules")
}

/// The first token of this name that has no braces behind it.
fn named(stream: TokenStream, name: &Ident) -> Option<Ident> {
    let tokens: Vec<TokenTree> = stream.into_iter().collect();
    tokens.iter().enumerate().find_map(|(index, token)| match token {
        TokenTree::Ident(word) if word == name => {
            let built =
                matches!(tokens.get(index + 1), Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace);
            (!built).then(|| word.clone())
        }
        TokenTree::Group(group) => named(group.stream(), name),
        _ => None,
    })
}

/// Whether the name is bound or passed, as in `let x = m;`, `let x = m(a, b);` or `f(m)`.
fn is_value(tokens: &[TokenTree], index: usize, in_parentheses: bool) -> bool {
    let Some((_, before)) = path_before(&tokens[..=index]) else { return false };
    let begins = match before {
        // The name of a type.
        [.., TokenTree::Ident(word), TokenTree::Ident(_), TokenTree::Punct(_)] if word == "type" => false,
        [.., TokenTree::Punct(punct)] => punct.as_char() == '=' || punct.as_char() == ',' && in_parentheses,
        before => before.is_empty() && in_parentheses,
    };
    let ends = match tokens.get(index + 1) {
        Some(TokenTree::Punct(punct)) => matches!(punct.as_char(), ';' | ','),
        Some(TokenTree::Group(arguments)) => arguments.delimiter() == Delimiter::Parenthesis,
        Some(_) => false,
        None => true,
    };
    begins && ends
}

/// `m.inc()` or `m(a, b).inc()`, behind the name.
fn records_by_name(after: &[TokenTree]) -> bool {
    match after {
        [TokenTree::Group(arguments), after @ ..] => arguments.delimiter() == Delimiter::Parenthesis && records(after),
        after => records(after),
    }
}

/// Whether a method of an emission is called, with as many arguments as it has.
fn records(after: &[TokenTree]) -> bool {
    let [TokenTree::Punct(dot), TokenTree::Ident(method), TokenTree::Group(arguments), ..] = after else {
        return false;
    };
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    let arguments: Vec<TokenTree> = arguments.stream().into_iter().collect();
    let takes_value = match method.to_string().as_str() {
        "inc" | "dec" | "enter" | "start_timer" | "handle" => false,
        "inc_by" | "set" | "add" | "sub" | "observe" | "time" => true,
        _ => return false,
    };
    let values = &arguments[..arguments.len() - usize::from(arguments.last().is_some_and(is_comma))];
    dot.as_char() == '.' && takes_value != values.is_empty() && !values.iter().any(is_comma)
}
