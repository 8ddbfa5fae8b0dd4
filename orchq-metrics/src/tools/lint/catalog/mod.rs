//! The rules of `lint`, as they are explained; those of a single line are in [`scrape`](crate::scrape).

pub(crate) mod contract;
pub(crate) mod exposition;
pub(crate) mod promlint;
