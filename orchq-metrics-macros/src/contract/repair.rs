//! Mistakes that leave clear what was meant, so that the rest of the contract is read.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::{Attribute, ItemMod, Meta};

use super::model::Kind;
use crate::ctxt::Ctxt;

/// The module, with fields that are named like keywords read as `r#type`: the compiler has then reported them, with
/// that cure. Any other error is the parser's.
pub(crate) fn module(item: TokenStream) -> syn::Result<ItemMod> {
    syn::parse2(item.clone()).or_else(|error| syn::parse2(with_raw_fields(item)).map_err(|_| error))
}

fn with_raw_fields(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |index: usize, char| matches!(tokens.get(index), Some(TokenTree::Punct(punct)) if punct.as_char() == char);
    let repaired = tokens.iter().enumerate().map(|(index, token)| match token {
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), with_raw_fields(group.stream()));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
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
    let name = attribute.path().get_ident()?.to_string();
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
        let read = |item: &str| module(item.parse().expect("tokens")).map(|module| quote::quote!(#module).to_string());
        let text = read("mod m { struct a { pub type: B, pub(crate) in: crate::C } }").expect("a module");
        assert!(text.contains("pub r#type : B") && text.contains("r#in : crate :: C"), "{text}");
        assert!(read("mod m { struct a { self: B } }").is_err());
        assert!(read("mod m { struct a { type B } }").is_err());
    }
}
