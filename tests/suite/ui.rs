//! What each mistake looks like to the one who makes it.
//!
//! A case is one mistake, named for it, in a folder named for its kind; beside it is
//! all that the compiler says. `CONTRIBUTING.md` says how to bless a change.

#[test]
fn every_mistake_has_its_error() {
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
}
