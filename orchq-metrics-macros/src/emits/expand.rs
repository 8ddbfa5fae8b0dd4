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

/// The function with its site. `private` is the path of the runtime's private part, which may not exist if it is
/// `explicit`.
pub(crate) fn annotated(
    function: &Function,
    matched: &Matched<'_>,
    private: &TokenStream,
    explicit: bool,
) -> TokenStream {
    let import = explicit.then(|| krate::import(private));
    let private = &if explicit { quote!(orchq_metrics_private) } else { private.clone() };
    let Function { attributes, signature, inner_attributes, .. } = function;
    let link = doc_line(function, matched.entries);
    let site = site(function, matched, private);
    let statements = bound(function.statements.clone(), matched, explicit);
    let mut body = Group::new(Delimiter::Brace, quote!(#inner_attributes #import #site #statements));
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

/// The site: its record's text, in pieces for `concat!`, and the ids of its metrics.
fn site(function: &Function, matched: &Matched<'_>, private: &TokenStream) -> TokenStream {
    let count = matched.entries.len();
    let ids = (0..count).map(|entry| metric_id(matched, entry, private));
    let assertions: TokenStream = (0..count).map(|entry| extern_assertions(matched, entry, private)).collect();
    let aliases = (0..count).filter(|entry| !matched.is_spelled_the_same(*entry)).map(|entry| {
        let (alias, path) = (alias(entry, &matched.entries[entry]), &matched.entries[entry].path);
        quote!(type #alias = #path;)
    });
    let text = record_text(function, matched);
    let count = Literal::usize_unsuffixed(count);
    // It costs time, so that a name like that of a metric is taken for one.
    let is_odd = |entry: &Entry| entry.text().contains(char::is_uppercase);
    let may_differ = |entry: usize| !matched.is_spelled_the_same(entry) || is_odd(&matched.entries[entry]);
    let import = quote!(#[allow(unused_imports)] use #private::ListAs as _;);
    let import = (0..matched.entries.len()).any(may_differ).then_some(import);
    let foreign = krate::foreign(private);
    quote! {
        #import
        #(#aliases)*
        #private::__site!(#foreign [#text] #count [#(#ids),*]);
        #assertions
    }
}

/// The record up to the ids: see `emit::record`.
fn record_text(function: &Function, matched: &Matched<'_>) -> TokenStream {
    let name = function.name.unraw();
    let in_test = function.is_test() || !variable("CARGO_TARGET_TMPDIR").is_empty();
    let (krate, version) = (variable("CARGO_PKG_NAME"), variable("CARGO_PKG_VERSION"));
    let count = matched.entries.len();
    let mut text = Text::default();
    text.push(&format!("\norchq-metrics 1 site\0{krate}\0{version}\0"));
    text.push_expr(quote!(::core::module_path!()));
    text.push(&format!("\0{name}\0"));
    text.push_expr(quote!(::core::file!()));
    text.push(&format!("\0{in_test}\0{count}\0"));
    for index in 0..count {
        push_entry(&mut text, matched, index);
    }
    text.finish()
}

/// A text in pieces for `concat!`, as few as possible.
#[derive(Default)]
struct Text {
    pieces: TokenStream,
    literal: String,
}

impl Text {
    fn push(&mut self, text: &str) {
        self.literal += text;
    }

    /// What only the compiler knows.
    fn push_expr(&mut self, expr: TokenStream) {
        let literal = std::mem::take(&mut self.literal);
        self.pieces.extend(quote!(#literal, #expr,));
    }

    fn finish(self) -> TokenStream {
        let Self { mut pieces, literal } = self;
        pieces.extend(quote!(#literal));
        pieces
    }
}

/// A variable that Cargo sets for the package that is being compiled; empty without Cargo.
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// The metric's id.
fn metric_id(matched: &Matched<'_>, index: usize, private: &TokenStream) -> TokenStream {
    match matched.literals(index).next() {
        // The body's own tokens, in a pattern: for a name that does not exist, the compiler reports the same
        // error as at the emission, once.
        Some(first) if matched.is_spelled_the_same(index) => {
            let path = &first.path;
            let span = matched.entries[index].name().span();
            let private = krate::at(span, private);
            quote_spanned!(span=> #private::id_of(|#path { .. }| ()))
        }
        _ => {
            let listed = alias(index, &matched.entries[index]);
            quote!(<#listed as #private::Metric>::ID)
        }
    }
}

/// The entry in the record: the lines, or the labels that are spelled out.
fn push_entry(text: &mut Text, matched: &Matched<'_>, index: usize) {
    let entry = &matched.entries[index];
    if let Some(labels) = &entry.extern_labels {
        let names: String = labels.iter().map(|label| label_name(label) + "\0").collect();
        text.push("extern\0");
        text.push_expr(line(entry.name()));
        text.push(&format!("\0{}\0{names}", labels.len()));
        return;
    }
    text.push("own\0");
    for literal in matched.literals(index) {
        text.push_expr(line(literal.name()));
        // An emission under a `cfg` that is off has no line: each is `true` or `false` to `concat!`.
        for token in literal.cfgs.clone() {
            if let TokenTree::Group(cfg) = token {
                let predicate = cfg.stream().into_iter().skip(1);
                text.push_expr(quote!(::core::cfg! #(#predicate)*));
            }
        }
        text.push(" ");
    }
    text.push("\0");
}

/// The line of one of the user's tokens.
fn line(token: &Ident) -> TokenStream {
    quote_spanned!(token.span()=> ::core::line!())
}

/// Compares the labels of an `extern` metric with those of the contract, each on its own token.
fn extern_assertions(matched: &Matched<'_>, index: usize, private: &TokenStream) -> TokenStream {
    let entry = &matched.entries[index];
    let Some(labels) = &entry.extern_labels else { return TokenStream::new() };
    let listed = alias(index, entry);
    let each = labels.iter().map(|label| {
        let (name, private) = (label_name(label), krate::at(label.span(), private));
        quote_spanned!(label.span()=> #private::extern_label_exists(DESC, #name))
    });
    let names = labels.iter().map(label_name);
    let complete = krate::at(entry.name().span(), private);
    let complete = quote_spanned! {entry.name().span()=>
        #complete::extern_labels_complete(DESC, &[#(#names),*])
    };
    quote! {
        const _: () = {
            const DESC: &#private::MetricDesc = <#listed as #private::Metric>::DESC;
            #(#each;)*
            #complete
        };
    }
}

/// The name of a label: `type` for `r#type`.
fn label_name(label: &Ident) -> String {
    label.unraw().to_string()
}

/// The body with each emission bound.
fn bound(statements: TokenStream, matched: &Matched<'_>, explicit: bool) -> TokenStream {
    let mut entries = matched.entry_of_each();
    body::rewrite(statements, &mut |literal| {
        let Some(index) = entries.next().flatten() else { return TokenStream::new() };
        // With the user's spans, an error about the emission does not point at the attribute.
        let number = Literal::usize_unsuffixed(index);
        let hit = quote!(&ORCHQ_METRICS_SITE.hits[#number]);
        let hit = if explicit { quote!(&orchq_metrics_private::__hit!(ORCHQ_METRICS_SITE #number)) } else { hit };
        // To a struct that is not a metric, it says what comes behind it.
        let hit = if literal.called { hit } else { quote!(&#hit) };
        if matched.is_spelled_the_same(index) {
            return quote_spanned!(literal.braces=> .orchq_metrics_at(#hit));
        }
        let listed = alias(index, &matched.entries[index]);
        let method = Ident::new("listed_as", literal.name().span());
        quote_spanned!(literal.braces=> .#method::<#listed>().orchq_metrics_at(#hit))
    })
}

/// The name within the body for the type of an entry that the body spells differently, so that the list's own
/// tokens are resolved, and reported, once.
fn alias(index: usize, entry: &Entry) -> Ident {
    format_ident!("OrchqMetricsListed{index}", span = entry.name().span())
}
