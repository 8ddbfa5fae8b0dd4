//! The rules of a fleet: which jobs and versions exist, and what they serve.

pub(crate) mod presence;
pub(crate) mod series;
