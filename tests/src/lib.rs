//! Annotated functions of every shape, in a crate of their own: what the suite
//! checks has to be linked from somewhere that is not test code.
//!
//! Each function records its own name in the label `shape` of one counter. [`programs`] runs other programs for tests.

pub mod adopted;
pub mod contracts;
pub mod foreign;
pub mod handed_on;
pub mod programs;
pub mod shapes;

/// The Rust blocks of the pages, compiled and run as doc tests.
#[cfg(doctest)]
pub mod pages {
    #[doc = include_str!("../../README.md")]
    pub struct Readme;
    #[doc = include_str!("../../docs/contract.md")]
    pub struct Contract;
    #[doc = include_str!("../../docs/emit.md")]
    pub struct Emit;
    #[doc = include_str!("../../docs/test.md")]
    pub struct Test;
    #[doc = include_str!("../../docs/serve.md")]
    pub struct Serve;
    #[doc = include_str!("../../docs/adopt.md")]
    pub struct Adopt;
}
