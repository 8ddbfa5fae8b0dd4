//! Everything that needs a crate beside the one under test.

mod ui;
