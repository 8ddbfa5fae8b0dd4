//! The rules of `lint`; those of a single line are in [`scrape`](crate::tools::scrape).

pub(crate) mod contract;
pub(crate) mod exposition;
pub(crate) mod promlint;
