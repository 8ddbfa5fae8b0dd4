//! The tests that the README and docs/test.md quote. rustdoc strips `#[test]` functions from doc tests, so they are
//! compiled and run here.

mod coverage;
mod scrape;
mod snapshot;
