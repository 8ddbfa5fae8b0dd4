//! What the store takes from the declarations.

pub(crate) mod label;
