//! `#[emits(..)]`: split the function, read the list, match the two, expand.

mod args;
mod body;
mod expand;
mod function;
mod matching;
mod silenced;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ctxt::Ctxt;
use crate::krate;

/// On any error, the item is passed on with every error. Its emissions are silenced, because they would
/// otherwise be reported again.
pub(crate) fn emits(args: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let (explicit, args) = krate::take_from_list(&cx, args);
    let private = krate::private(&cx, explicit.as_ref(), "#[emits(.., ..)]");
    let function = function::split(&cx, item.clone());
    let entries = args::parse(&cx, args, || matching::list_of(function.as_ref()));
    let matched = function.as_ref().map(|function| matching::matched(&cx, &entries, function));
    let errors = cx.finish();
    match (function, matched, private, &errors) {
        (Some(function), Some(matched), Some(private), None) => {
            expand::annotated(&function, &matched, &private, explicit.is_some())
        }
        (Some(function), matched, private, _) => {
            let unseen = matched.map(|matched| matched.unseen).unwrap_or_default();
            let silenced = silenced::function(&function, &entries, &unseen, private.as_ref());
            quote!(#silenced #errors)
        }
        // The input of an expression's attribute is replaced by one expression.
        (None, ..) if function::is_expression(&item) => quote!({ #errors }),
        (None, ..) => {
            let silenced = silenced::item(item);
            quote!(#silenced #errors)
        }
    }
}
