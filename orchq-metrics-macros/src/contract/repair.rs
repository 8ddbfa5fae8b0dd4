//! Mistakes that leave clear what was meant, so that the rest of the contract is read.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::quote;
use syn::{Attribute, ItemMod, ItemStruct, Meta};

use super::model::Kind;
use crate::ctxt::Ctxt;

/// A module as far as it can be read.
pub(crate) struct Module {
    pub(crate) item: ItemMod,
    /// What is not Rust in it. The compiler has reported that, and a half-typed struct counts as a metric.
    pub(crate) unread: Option<syn::Error>,
}

/// The module, with fields that are named like keywords read as `r#type`: the compiler has then reported them, with
/// that cure. Of another struct that it cannot read, the names of the fields are kept.
pub(crate) fn module(item: TokenStream) -> syn::Result<Module> {
    let error = match syn::parse2(item.clone()) {
        Ok(item) => return Ok(Module { item, unread: None }),
        Err(error) => error,
    };
    let raw = with_raw_fields(item);
    if let Ok(item) = syn::parse2(raw.clone()) {
        return Ok(Module { item, unread: None });
    }
    let mut tokens: Vec<TokenTree> = raw.into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.last_mut() {
        *body = regrouped(body, with_readable_structs(body.stream()));
    }
    match syn::parse2(tokens.into_iter().collect()) {
        Ok(item) => Ok(Module { item, unread: Some(error) }),
        Err(_) => Err(error),
    }
}

fn regrouped(group: &Group, stream: TokenStream) -> Group {
    let mut new = Group::new(group.delimiter(), stream);
    new.set_span(group.span());
    new
}

fn with_readable_structs(tokens: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for index in 2..tokens.len() {
        let [TokenTree::Ident(word), TokenTree::Ident(_), TokenTree::Group(body)] = &tokens[index - 2..=index] else {
            continue;
        };
        let item = tokens[index - 2..=index].iter().cloned().collect();
        if word == "struct" && body.delimiter() == Delimiter::Brace && syn::parse2::<ItemStruct>(item).is_err() {
            let fields = field_names(body.stream()).into_iter().map(|name| quote!(#name: &()));
            tokens[index] = TokenTree::Group(regrouped(body, quote!(#(#fields),*)));
        }
    }
    tokens.into_iter().collect()
}

/// The names of the fields: what is before a colon, and what a field begins with.
fn field_names(body: TokenStream) -> Vec<Ident> {
    let tokens: Vec<TokenTree> = body.into_iter().collect();
    let is = |index: usize, char| matches!(tokens.get(index), Some(TokenTree::Punct(punct)) if punct.as_char() == char);
    let mut names: Vec<Ident> = Vec::new();
    let (mut begins, mut nested) = (true, 0_i32);
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(word) if word == "pub" => {}
            TokenTree::Ident(word) => {
                let has_colon = is(index + 1, ':') && !is(index + 2, ':') && !(index > 0 && is(index - 1, ':'));
                if nested == 0 && (begins || has_colon) && !names.contains(word) {
                    names.push(word.clone());
                }
                begins = false;
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                ',' if nested == 0 => begins = true,
                '<' => nested += 1,
                '>' => nested -= 1,
                _ => {}
            },
            // An attribute, or the `(crate)` of a visibility.
            TokenTree::Group(_) | TokenTree::Literal(_) => {}
        }
    }
    names
}

fn with_raw_fields(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |index: usize, char| matches!(tokens.get(index), Some(TokenTree::Punct(punct)) if punct.as_char() == char);
    let repaired = tokens.iter().enumerate().map(|(index, token)| match token {
        TokenTree::Group(group) => TokenTree::Group(regrouped(group, with_raw_fields(group.stream()))),
        // A path has two colons.
        TokenTree::Ident(word) if is(index + 1, ':') && !is(index + 2, ':') && is_keyword(word) => {
            TokenTree::Ident(Ident::new_raw(&word.to_string(), word.span()))
        }
        token => token.clone(),
    });
    repaired.collect()
}

/// A keyword that has a raw form.
fn is_keyword(word: &Ident) -> bool {
    let text = word.to_string();
    syn::parse_str::<Ident>(&text).is_err() && syn::parse_str::<Ident>(&format!("r#{text}")).is_ok()
}

/// A kind that there is not, or that is misspelt: the error, and the kind that is meant.
pub(crate) fn mistaken_kind(cx: &Ctxt, attribute: &Attribute) -> Option<Kind> {
    let segments = &attribute.path().segments;
    let name = segments.last()?.ident.to_string();
    if segments.len() > 1 {
        let (kind, known) = Kind::ALL.into_iter().find(|(_, known)| name == *known)?;
        cx.error_on(attribute.path(), format_args!("a kind has no path before it; write `#[{known}(..)]`"));
        return Some(kind);
    }
    let lower = name.to_ascii_lowercase();
    let (kind, why) = match lower.as_str() {
        "summary" => (
            Kind::Histogram,
            "the quantiles of a summary cannot be summed over instances; write `#[histogram(unit = \"..\", buckets = [..])]`",
        ),
        "timer" | "timing" | "distribution" => {
            (Kind::Histogram, "a metric is a counter, a gauge or a histogram; write `#[histogram(..)]`")
        }
        "info" | "stateset" | "state_set" => {
            (Kind::Gauge, "a metric is a counter, a gauge or a histogram; write `#[gauge(..)]`, and set it to 1")
        }
        _ => {
            let (kind, known) = Kind::ALL.into_iter().find(|(_, known)| is_near(&lower, known))?;
            cx.error_on(
                attribute.path(),
                format_args!("`#[{name}]` is not a kind of metric; did you mean `#[{known}(..)]`?"),
            );
            return Some(kind);
        }
    };
    // Another macro may have this name, but not arguments like a metric's.
    let is_of_a_metric = matches!(&attribute.meta, Meta::Path(_))
        || attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string().contains("unit"));
    (is_of_a_metric || lower == "summary").then(|| cx.error_on(attribute.path(), why))?;
    Some(kind)
}

/// Whether one is the other with a letter more or less, or with two letters swapped, or its beginning.
fn is_near(word: &str, known: &str) -> bool {
    let without = |text: &str, index: usize| [&text[..index], &text[index + 1..]].concat();
    let swapped = |index: usize| {
        let mut bytes = known.as_bytes().to_vec();
        bytes.swap(index, index + 1);
        bytes == word.as_bytes()
    };
    word == known
        || (word.len() >= 5 && known.starts_with(word))
        || (0..known.len()).any(|index| without(known, index) == word)
        || (word.is_ascii() && (0..word.len()).any(|index| without(word, index) == known))
        || (0..known.len() - 1).any(swapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_near_a_kind() {
        for (word, known) in [
            ("guage", "gauge"),
            ("conter", "counter"),
            ("counters", "counter"),
            ("count", "counter"),
            ("histo", "histogram"),
        ] {
            assert!(is_near(word, known), "{word}");
        }
        for word in ["derive", "allow", "must_use", "gang", "cfg", "doc", "enter"] {
            assert!(!Kind::ALL.iter().any(|(_, known)| is_near(word, known)), "{word}");
        }
    }

    #[test]
    fn a_field_named_like_a_keyword_is_read() {
        let read = |item: &str| {
            let Module { item, unread } = module(item.parse().expect("tokens")).expect("a module");
            (quote!(#item).to_string(), unread.is_some())
        };
        let (text, unread) = read("mod m { struct a { pub type: B, pub(crate) in: crate::C } }");
        assert!(text.contains("pub r#type : B") && text.contains("r#in : crate :: C") && !unread, "{text}");
        for broken in [
            "route Route, method: M<A, B>",
            "route: Route method: M",
            "#[labels] pub route: , method",
            "route, pub(crate) method: a::",
        ] {
            let (text, unread) = read(&format!(
                "mod m {{ /// A. \n #[counter(unit = \"1\")] pub struct a {{ {broken} }} struct b {{ c: D }} }}"
            ));
            assert!(text.contains("route : & () , method : & ()") && text.contains("c : D") && unread, "{text}");
        }
        assert!(module("mod m { struct }".parse().expect("tokens")).is_err());
    }
}
