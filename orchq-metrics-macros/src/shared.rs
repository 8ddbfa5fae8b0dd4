//! Gives the rules of the macros to the runtime, which checks contract files with the same ones.

use proc_macro2::TokenStream;

pub(crate) fn shared() -> TokenStream {
    include_str!("rules.rs").parse().expect("the compiler has read this file")
}
