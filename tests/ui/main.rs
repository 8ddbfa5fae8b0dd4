//! The error messages of the compiler for each mistake.
//!
//! A case is one mistake, named for it, in a folder named for its kind. The file beside it has everything that the
//! compiler says. `CONTRIBUTING.md` says how to update it.

#[test]
fn every_mistake_has_its_error() {
    trybuild::TestCases::new().compile_fail("*/*.rs");
}
