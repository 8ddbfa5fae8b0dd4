//! The checks of what the compiler cannot reach, each a function from evidence to a report.

pub mod binary;
pub(crate) mod catalog;
pub(crate) mod contract_file;
pub mod diff;
pub mod document;
pub mod export;
pub mod fleet;
pub mod lint;
pub(crate) mod namespace;
pub(crate) mod promql;
pub mod rules;
pub(crate) mod rules_page;
pub mod scrape;
pub mod sites;
pub(crate) mod suppress;
pub(crate) mod suppression_rule;
pub(crate) mod tree;
