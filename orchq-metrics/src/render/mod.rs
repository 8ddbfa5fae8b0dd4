//! Renderings of what the crate knows. They read; they never decide.

mod markdown;
#[cfg(feature = "cli")]
mod report;
#[cfg(feature = "lint")]
mod rules;
mod table;
pub(crate) mod value;

#[cfg(any(feature = "tools", all(test, feature = "lint")))]
pub(crate) use markdown::document;
pub use markdown::markdown;
#[cfg(feature = "cli")]
pub use report::{github, json, people};
#[cfg(feature = "lint")]
pub use rules::rule_list;
pub use table::{Color, CoverageTable};
