//! The macros of [`orchq-metrics`](https://docs.rs/orchq-metrics). Use that crate:
//! what they expand to names its private parts, of exactly this version.

#![warn(unreachable_pub)]

mod contract;
mod ctxt;
mod emits;
mod foreign;
mod krate;
mod label;
mod rules;
#[cfg(test)]
mod rules_tests;
mod shared;
mod versions;

use proc_macro::TokenStream;

/// See `orchq_metrics::emits`.
#[proc_macro_attribute]
pub fn emits(args: TokenStream, item: TokenStream) -> TokenStream {
    emits::emits(args.into(), item.into()).into()
}

/// See `orchq_metrics::contract`.
#[proc_macro_attribute]
pub fn contract(args: TokenStream, item: TokenStream) -> TokenStream {
    contract::contract(args.into(), item.into()).into()
}

/// See `orchq_metrics::Label`.
#[proc_macro_derive(Label, attributes(label))]
pub fn derive_label(input: TokenStream) -> TokenStream {
    label::value::derive(input.into()).into()
}

/// See `orchq_metrics::Labels`.
#[proc_macro_derive(Labels, attributes(labels, when, unless))]
pub fn derive_labels(input: TokenStream) -> TokenStream {
    label::group::derive(input.into()).into()
}

/// Not a stable interface.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn __foreign(_: TokenStream, item: TokenStream) -> TokenStream {
    foreign::foreign(item.into()).into()
}

/// Not a stable interface.
#[doc(hidden)]
#[proc_macro]
pub fn __shared(_: TokenStream) -> TokenStream {
    shared::shared().into()
}
