//! `#[emits(..)]`: split the function, read the list, match the two, expand.

mod args;
mod body;
mod expand;
mod function;
mod matching;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ctxt::Ctxt;

/// On any error, the item is passed on with every error. Its emissions are silenced, because they would
/// otherwise be reported again.
pub(crate) fn emits(args: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let entries = args::parse(&cx, args);
    let function = function::split(&cx, item.clone());
    let matched = function.as_ref().map(|function| matching::matched(&cx, &entries, function));
    let errors = cx.finish();
    match (function, matched, &errors) {
        (Some(function), Some(matched), None) => expand::annotated(&function, &matched),
        _ => {
            let silenced = expand::silenced(item, &entries);
            quote!(#silenced #errors)
        }
    }
}
