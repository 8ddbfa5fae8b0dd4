//! The generated function: a site as the body's first item, and behind each emission a call that binds it to
//! the site.

use proc_macro2::{Delimiter, Group, Ident, Literal, TokenStream, TokenTree};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;

use super::args::Entry;
use super::body;
use super::function::Function;
use super::matching::Matched;
use crate::krate;

/// The function with its site. `private` is the path of the runtime's private part.
pub(crate) fn annotated(function: &Function, matched: &Matched<'_>, private: &TokenStream) -> TokenStream {
    let Function { attributes, signature, inner_attributes, .. } = function;
    let link = doc_line(function, matched.entries);
    let site = site(function, matched, private);
    let statements = bound(function.statements.clone(), matched);
    let mut body = Group::new(Delimiter::Brace, quote!(#inner_attributes #site #statements));
    body.set_span(function.body_span);
    let body = TokenTree::Group(body);
    quote!(#(#attributes)* #link #(#signature)* #body)
}

/// The line that the function's documentation gains.
fn doc_line(function: &Function, entries: &[Entry]) -> Option<TokenStream> {
    // The short form: a private metric has no page, and its name stays plain text.
    let link = |entry: &Entry| format!("[`{}`]", entry.text());
    let line = format!("Emits {}.", entries.iter().map(link).collect::<Vec<_>>().join(", "));
    function.has_page().then(|| quote!(#[doc = ""] #[doc = #line]))
}

fn site(function: &Function, matched: &Matched<'_>, private: &TokenStream) -> TokenStream {
    let name = function.name.unraw().to_string();
    let is_test = function.is_test();
    let count = matched.entries.len();
    let emissions = (0..count).map(|entry| emission(matched, entry, private));
    let texts = (0..count).map(|entry| text(matched, entry));
    let assertions: TokenStream = (0..count).map(|entry| extern_assertions(matched, entry, private)).collect();
    let aliases = (0..count).filter(|entry| !matched.is_spelled_the_same(*entry)).map(|entry| {
        let (alias, path) = (alias(entry, &matched.entries[entry]), &matched.entries[entry].path);
        quote!(type #alias = #path;)
    });
    let count = Literal::usize_unsuffixed(count);
    let (krate, version) = (variable("CARGO_PKG_NAME"), variable("CARGO_PKG_VERSION"));
    let in_test = is_test || !variable("CARGO_TARGET_TMPDIR").is_empty();
    let differs = |entry: usize| matched.entries[entry].extern_labels.is_none() && !matched.is_spelled_the_same(entry);
    let import = quote!(#[allow(unused_imports)] use #private::ListAs as _;);
    let import = (0..matched.entries.len()).any(differs).then_some(import);
    quote! {
        #import
        #(#aliases)*
        #private::__site!(#krate, #version, #name, #in_test, #count, [#(#emissions),*], [#(#texts),*]);
        #assertions
    }
}

/// A variable that Cargo sets for the package that is being compiled; empty without Cargo.
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// The entry in the site.
fn emission(matched: &Matched<'_>, index: usize, private: &TokenStream) -> TokenStream {
    let entry = &matched.entries[index];
    if let Some(labels) = &entry.extern_labels {
        let (metric, labels, line) = (extern_const(index), labels.iter().map(label_name), line(entry.name()));
        let labels = quote!(::core::option::Option::Some(&[#(#labels),*]));
        return quote!(#private::Emits::new(#metric, &[#line], #labels));
    }
    // An emission under a `cfg` that is off has no line, and an entry without a line is not an emission.
    let lines = matched.literals(index).map(|literal| {
        let (cfgs, line) = (&literal.cfgs, line(literal.name()));
        quote!(#cfgs #line)
    });
    let lines = quote!(&[#(#lines),*]);
    match matched.literals(index).next() {
        // The body's own tokens, in a pattern: for a name that does not exist, the compiler reports the same
        // error as at the emission, once.
        Some(first) if matched.is_spelled_the_same(index) => {
            let path = &first.path;
            quote!(#private::emits_of(|#path { .. }| (), #lines))
        }
        _ => {
            let listed = alias(index, entry);
            let metric = quote!(<#listed as #private::Metric>::REF);
            quote!(#private::Emits::new(#metric, #lines, ::core::option::Option::None))
        }
    }
}

/// The entry in the site's record, in pieces for `concat!`: the lines, or the labels that are spelled out. The
/// metric's id comes from its type.
fn text(matched: &Matched<'_>, index: usize) -> TokenStream {
    let entry = &matched.entries[index];
    if let Some(labels) = &entry.extern_labels {
        let line = line(entry.name());
        let names: String = labels.iter().map(|label| label_name(label) + "\0").collect();
        let labels = format!("\0{}\0{names}", labels.len());
        return quote!("extern\0", #line, #labels);
    }
    let lines = matched.literals(index).map(|literal| {
        let line = line(literal.name());
        // Each is `true` or `false` to `concat!`.
        let cfgs = literal.cfgs.clone().into_iter().filter_map(|token| match token {
            TokenTree::Group(cfg) => {
                let predicate = cfg.stream().into_iter().skip(1);
                Some(quote!(::core::cfg! #(#predicate)*,))
            }
            _ => None,
        });
        quote!(#line, #(#cfgs)* " ",)
    });
    quote!("own\0", #(#lines)* "\0")
}

/// The line of one of the user's tokens.
fn line(token: &Ident) -> TokenStream {
    quote_spanned!(token.span()=> ::core::line!())
}

/// Compares the labels of an `extern` metric with those of the contract, each on its own token.
fn extern_assertions(matched: &Matched<'_>, index: usize, private: &TokenStream) -> TokenStream {
    let entry = &matched.entries[index];
    let Some(labels) = &entry.extern_labels else { return TokenStream::new() };
    let (listed, metric) = (alias(index, entry), extern_const(index));
    let each = labels.iter().map(|label| {
        let (name, private) = (label_name(label), krate::at(label.span(), private));
        quote_spanned!(label.span()=> #private::extern_label_exists(#metric.desc, #name))
    });
    let names = labels.iter().map(label_name);
    let complete = krate::at(entry.name().span(), private);
    let complete = quote_spanned! {entry.name().span()=>
        #complete::extern_labels_complete(#metric.desc, &[#(#names),*])
    };
    quote! {
        const #metric: #private::MetricRef =
            <#listed as #private::Metric>::REF;
        const _: () = {
            #(#each;)*
            #complete
        };
    }
}

/// The name within the body for an `extern` entry, so that an error in its metric is reported once.
fn extern_const(index: usize) -> Ident {
    format_ident!("ORCHQ_METRICS_EXTERN_{index}")
}

/// The name of a label: `type` for `r#type`.
fn label_name(label: &Ident) -> String {
    label.unraw().to_string()
}

/// The body with each emission bound.
fn bound(statements: TokenStream, matched: &Matched<'_>) -> TokenStream {
    let mut entries = matched.entry_of_each();
    body::rewrite(statements, &mut |literal| {
        let Some(index) = entries.next().flatten() else { return TokenStream::new() };
        // With the user's spans, an error about the emission does not point at the attribute.
        let site = quote!(&ORCHQ_METRICS_RECORD.emits[#index]);
        if matched.is_spelled_the_same(index) {
            return quote_spanned!(literal.braces=> .orchq_metrics_at(#site));
        }
        let listed = alias(index, &matched.entries[index]);
        let method = Ident::new("orchq_metrics_listed_as", literal.name().span());
        quote_spanned!(literal.braces=> .#method::<#listed>().orchq_metrics_at(#site))
    })
}

/// The name within the body for the type of an entry that the body spells differently, so that the list's own
/// tokens are resolved, and reported, once.
fn alias(index: usize, entry: &Entry) -> Ident {
    format_ident!("OrchqMetricsListed{index}", span = entry.name().span())
}
