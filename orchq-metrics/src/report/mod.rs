//! The findings of a check, and their renderings.

pub(crate) mod color;
pub(crate) mod finding;
#[cfg(feature = "tools")]
pub(crate) mod nearest;
#[cfg(feature = "cli")]
pub mod render;
#[cfg(feature = "tools")]
mod summary;

#[cfg(feature = "tools")]
pub use summary::{Omitted, Report};
