//! Hands the rules that the macros go by to the runtime, so that a contract in a file is held to the same.

use proc_macro2::TokenStream;

pub(crate) fn shared() -> TokenStream {
    include_str!("rules.rs").parse().expect("the compiler has read this file")
}
