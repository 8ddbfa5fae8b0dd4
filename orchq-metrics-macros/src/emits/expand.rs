//! The function as it comes out: a site as the body's first item, and behind
//! each emission a call that binds it to the site.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{quote, quote_spanned};

use super::args::Entry;
use super::body;
use super::function::Function;
use super::matching::Matched;

/// The function with its site.
pub(crate) fn annotated(function: &Function, matched: &Matched<'_>) -> TokenStream {
    let Function { attributes, signature, inner_attributes, .. } = function;
    let link = doc_line(matched.entries);
    let site = site(&function.name, matched);
    let statements = bound(function.statements.clone(), matched);
    let mut body = Group::new(Delimiter::Brace, quote!(#inner_attributes #site #statements));
    body.set_span(function.body_span);
    let body = TokenTree::Group(body);
    quote!(#(#attributes)* #link #(#signature)* #body)
}

/// The item with everything that it records bound to nothing: it goes with an
/// error, and reports no other.
pub(crate) fn silenced(item: TokenStream) -> TokenStream {
    body::rewrite(item, &mut |literal| {
        if literal.records { quote!(.__without_site()) } else { TokenStream::new() }
    })
}

/// The line that the function's documentation gains.
fn doc_line(entries: &[Entry]) -> TokenStream {
    let links: Vec<_> = entries.iter().map(|entry| format!("[`{}`]({})", entry.name(), entry.text())).collect();
    let line = format!("Emits {}.", links.join(", "));
    quote!(#[doc = ""] #[doc = #line])
}

fn site(function: &Ident, matched: &Matched<'_>) -> TokenStream {
    let function = function.to_string();
    let count = matched.entries.len();
    let emissions = (0..count).map(|entry| emission(matched, entry));
    let assertions: TokenStream = matched.entries.iter().map(extern_assertions).collect();
    quote! {
        static __ORCHQ_METRICS_EMITS: [::orchq_metrics::__private::Emits; #count] = [#(#emissions),*];
        #[::orchq_metrics::__private::linkme::distributed_slice(::orchq_metrics::__private::ORCHQ_METRICS_EMISSION_SITES)]
        #[linkme(crate = ::orchq_metrics::__private::linkme)]
        static __ORCHQ_METRICS_SITE: ::orchq_metrics::__private::Site = ::orchq_metrics::__private::Site::new(
            ::orchq_metrics::__origin!(),
            #function,
            &__ORCHQ_METRICS_EMITS,
        );
        #assertions
    }
}

fn emission(matched: &Matched<'_>, index: usize) -> TokenStream {
    let entry = &matched.entries[index];
    let path = &entry.path;
    if let Some(labels) = &entry.extern_labels {
        let labels = labels.iter().map(Ident::to_string);
        let line = line(entry.name());
        return quote! {
            ::orchq_metrics::__private::Emits::by_another_library(
                ::orchq_metrics::__private::desc::<#path>(), &[#(#labels),*], &[#line]
            )
        };
    }
    let lines = matched.literals(index).map(|literal| line(literal.name()));
    let desc = match matched.literals(index).next() {
        // The body's own tokens, in a pattern: a name that does not exist is then
        // the same error as at the emission, and the compiler reports it once.
        Some(first) if matched.spelled_alike(index) => {
            let path = &first.path;
            quote!(::orchq_metrics::__private::desc_of(|#path { .. }| ()))
        }
        _ => quote!(::orchq_metrics::__private::desc::<#path>()),
    };
    quote!(::orchq_metrics::__private::Emits::new(#desc, &[#(#lines),*]))
}

/// The line of a token of the user's.
fn line(token: &Ident) -> TokenStream {
    quote_spanned!(token.span()=> ::core::line!())
}

/// The labels of an `extern` metric against those of the contract, each on its own token.
fn extern_assertions(entry: &Entry) -> TokenStream {
    let Some(labels) = &entry.extern_labels else { return TokenStream::new() };
    let path = &entry.path;
    let each = labels.iter().map(|label| {
        let name = label.to_string();
        quote_spanned!(label.span()=> ::orchq_metrics::__private::extern_label_exists(DESC, #name))
    });
    let names = labels.iter().map(Ident::to_string);
    let complete = quote_spanned! {entry.name().span()=>
        ::orchq_metrics::__private::extern_labels_complete(DESC, &[#(#names),*])
    };
    quote! {
        const _: () = {
            const DESC: &::orchq_metrics::__private::MetricDesc = ::orchq_metrics::__private::desc::<#path>();
            #(#each;)*
            #complete
        };
    }
}

/// The body with each emission bound.
fn bound(statements: TokenStream, matched: &Matched<'_>) -> TokenStream {
    let mut places = matched.places();
    body::rewrite(statements, &mut |literal| {
        let Some(index) = places.next().flatten() else { return TokenStream::new() };
        if matched.spelled_alike(index) {
            return quote!(.__at(&__ORCHQ_METRICS_EMITS[#index]));
        }
        let listed = &matched.entries[index].path;
        let at = quote!(::orchq_metrics::__private::Listed::<#listed>::new(&__ORCHQ_METRICS_EMITS[#index]));
        quote_spanned!(literal.name().span()=> .__listed_as(#at))
    })
}
