//! Everything that needs a crate beside the one under test.

mod contract_file;
mod corpus;
mod coverage;
mod diff;
mod document;
mod export;
mod exposition;
mod lint;
mod properties;
mod readme;
mod rules;
mod shapes;
mod sites;
mod store;
mod ui;
mod values;
