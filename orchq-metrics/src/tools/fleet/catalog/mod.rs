//! The rules of a fleet, as they are explained: who is there, and what they serve.

pub(crate) mod presence;
pub(crate) mod series;
