//! `#[contract(..)]`: parse, validate, expand.

mod assertions;
mod constants;
mod expand;
mod lifecycle;
mod model;
mod parse;
mod repair;
mod stand_in;
mod units;
mod validate;
mod values;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ctxt::Ctxt;
use crate::krate;

pub(crate) fn contract(args: TokenStream, item: TokenStream) -> TokenStream {
    let cx = Ctxt::new();
    let args = parse::args(&cx, args);
    let private = krate::private(&cx, args.krate.as_ref(), "#[contract(.., ..)]");
    let repair::Module { item: module, unread } = match repair::module(item.clone()) {
        Ok(module) => module,
        Err(error) => {
            cx.push(syn::Error::new(
                error.span(),
                format_args!("`#[contract(..)]` goes on a module in braces: {error}"),
            ));
            let errors = cx.finish();
            return quote!(#item #errors);
        }
    };
    let Some(contract) = parse::contract(&cx, module) else {
        let errors = cx.finish();
        return quote!(#errors);
    };
    if unread.is_none() {
        validate::contract(&cx, &args, &contract);
    }
    // The errors come with the metrics as far as they were read, or every function that records one would be
    // another error.
    let errors = cx.finish();
    let contract = expand::contract(&args, &contract, errors.is_none(), unread.as_ref(), private.as_ref());
    quote!(#contract #errors)
}
