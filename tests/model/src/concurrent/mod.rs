//! The shipped index and list, with atomics, locks and sizes of the model's own.

#[path = "../../../../orchq-metrics/src/concurrent/index.rs"]
mod index;
#[allow(dead_code, reason = "the shipped sources have more than the models use")]
#[path = "../../../../orchq-metrics/src/concurrent/segments.rs"]
mod segments;
pub(crate) mod sizes;
pub(crate) mod sync;

pub(crate) use index::Index;
pub(crate) use segments::{FIRST, SEGMENTS, Segments, locate, segment_len};
