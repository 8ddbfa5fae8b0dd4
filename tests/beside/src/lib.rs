//! The same services with this library and with the crate `prometheus`, to count the lines that each takes.

#![allow(missing_docs, reason = "the services are to be compared line by line")]
#![allow(clippy::duplicate_mod, reason = "two of the services have the same contract, under two names")]

pub mod desk;
pub mod jobs;
