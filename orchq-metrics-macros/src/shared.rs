//! Gives the rules of the macros to the runtime, which checks contract files with the same ones.

use proc_macro2::TokenStream;

pub(crate) fn shared() -> TokenStream {
    concat!(include_str!("rules.rs"), include_str!("versions.rs")).parse().expect("the compiler has read these files")
}
