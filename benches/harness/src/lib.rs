//! What every candidate of the benchmark shares.
//!
//! A [`Candidate`] is a metrics library with the forms in which it can be used. A
//! [`Form`] is one timed loop over a [`Work`], and the text from which its total is read back.
//! The loop lives in the candidate, so that it is compiled for the candidate's own types; the
//! inputs come from [`workloads`], the same for all.
//!
//! It depends on no metrics library, so that a candidate that changes the build of others
//! can have a build of its own and be driven over a pipe: see [`remote`].

pub mod candidate;
pub mod exposition;
pub mod measure;
pub mod memory;
pub mod remote;
pub mod workloads;

pub use candidate::{Candidate, Filled, Form, Work, cycle, repeat};
