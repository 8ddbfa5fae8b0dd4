//! Renderings of what the crate knows. They read; they never decide.

mod markdown;
mod table;

pub use markdown::markdown;
pub use table::{Color, CoverageTable};
