//! The name and the version of a contract: strings, or constant expressions for them.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, LitStr};

use super::model::Args;

/// The text of an expression that is a string.
pub(crate) fn literal(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
        _ => None,
    }
}

/// The two as expressions, and the items that these need.
pub(crate) struct Constants {
    pub(crate) name: TokenStream,
    pub(crate) version: TokenStream,
    pub(crate) items: TokenStream,
    /// The documentation of the contract.
    pub(crate) doc: TokenStream,
}

pub(crate) fn constants(args: &Args, valid: bool) -> Constants {
    let (name, name_item) = constant(args.name.as_ref(), "name", valid);
    let (version, version_item) = constant(args.version.as_ref(), "version", valid);
    let doc = match [&args.name, &args.version].map(|value| value.as_ref().map_or(Some(String::new()), known_text)) {
        [Some(name), Some(version)] => format!("The contract `{name}`, version {version}."),
        _ => "The contract of the metrics of this module.".to_owned(),
    };
    Constants { name, version, items: quote!(#name_item #version_item), doc: quote!(#doc) }
}

fn known_text(value: &Expr) -> Option<String> {
    literal(value).map(LitStr::value)
}

/// The value, and, if it is not a string itself, the constant that evaluates it once, and the check of it.
fn constant(value: Option<&Expr>, what: &str, valid: bool) -> (TokenStream, Option<TokenStream>) {
    let Some(value) = value else { return (quote!(""), None) };
    if let Some(literal) = literal(value) {
        return (literal.to_token_stream(), None);
    }
    let constant = format_ident!("ORCHQ_METRICS_{}", what.to_uppercase());
    let check = Ident::new(&format!("is_a_{what}"), value.span());
    let check = valid.then(|| quote_spanned!(value.span()=> const _: () = orchq_metrics_private::#check(#constant);));
    let item = quote! {
        const #constant: &::core::primitive::str = #value;
        #check
    };
    (constant.to_token_stream(), Some(item))
}
