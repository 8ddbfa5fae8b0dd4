//! Annotated functions of every shape, in a crate of their own: what the suite
//! checks has to be linked from somewhere that is not test code.
//!
//! Each function records its own name in the label `shape` of one counter.

pub mod contracts;
pub mod shapes;

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

#[cfg(doctest)]
#[doc = include_str!("../../docs/otlp.md")]
pub struct Otlp;
