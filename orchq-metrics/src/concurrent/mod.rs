//! Collections that are read without a lock, and grow without moving an element.
//!
//! The modules here and those of the store that name [`sync`] are compiled a second time by
//! the package `tests/model`, against loom's atomics, and checked there in every interleaving, or, where
//! those are too many, in all that take a few preemptions.

mod index;
mod segments;
pub(crate) mod sizes;
pub(crate) mod sync;

pub(crate) use index::Index;
pub(crate) use segments::{FIRST, SEGMENTS, Segments, locate, segment_len};
