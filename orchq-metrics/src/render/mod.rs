//! Renderings of what the crate knows. They read; they never decide.

mod markdown;
#[cfg(feature = "cli")]
mod report;
mod table;

pub use markdown::markdown;
#[cfg(feature = "cli")]
pub use report::{github, json, people};
pub use table::{Color, CoverageTable};
