//! Everything that needs a crate beside the one under test.

mod coverage;
mod document;
mod exposition;
mod shapes;
mod ui;
mod values;
