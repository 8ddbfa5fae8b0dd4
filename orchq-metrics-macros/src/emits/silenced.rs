//! The function beside an error: as it was, and its emissions bound to nothing, so that they cause no other error.

use proc_macro2::{Delimiter, Group, Ident, TokenStream};
use quote::quote;

use super::args::Entry;
use super::body::{self, unseen};
use super::function::{self, Function};

/// The function. Macros and other functions may record its `unseen` metrics. `private` is the path of the library's
/// private part; without it nothing can be bound.
pub(crate) fn function(
    function: &Function,
    entries: &[Entry],
    unseen: &[Ident],
    private: Option<&TokenStream>,
) -> TokenStream {
    let unseen = if private.is_some() { unseen } else { &[] };
    let Function { attributes, signature, inner_attributes, statements, .. } = function;
    let mut statements = statements.clone();
    if !unseen.is_empty() {
        let is_variable = |name: &&Ident| unseen::has_variable(signature, statements.clone(), name);
        let names: Vec<Ident> = unseen.iter().filter(|name| !is_variable(name)).cloned().collect();
        statements = unseen::silence(statements, &names);
    }
    let mut records = !unseen.is_empty();
    let statements = body::rewrite(statements, &mut |literal| {
        let is_emission = literal.records || entries.iter().any(|entry| entry.name() == literal.name());
        records |= is_emission;
        without_site(is_emission)
    });
    let head = function::without_annotations(attributes.iter().chain(signature).cloned().collect());
    let import =
        private.filter(|_| records).map(|private| quote!(#[allow(unused_imports)] use #private::Silenced as _;));
    // Of what is replaced.
    let allow = (!unseen.is_empty()).then(|| quote!(#[allow(unreachable_code, unused_variables)]));
    let mut body = Group::new(Delimiter::Brace, quote!(#inner_attributes #import #statements));
    body.set_span(function.body_span);
    quote!(#allow #head #body)
}

/// Another item than a function that can be annotated.
pub(crate) fn item(item: TokenStream) -> TokenStream {
    let mut records = false;
    let silent = body::rewrite(function::without_annotations(item), &mut |literal| {
        records |= literal.records;
        without_site(literal.records)
    });
    if records { function::without_const(silent) } else { silent }
}

fn without_site(is_emission: bool) -> TokenStream {
    if is_emission { quote!(.orchq_metrics_without_site()) } else { TokenStream::new() }
}
