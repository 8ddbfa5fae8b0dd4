//! A queue of jobs with 21 metrics, recorded through a helper that takes names and labels as strings; the same with a
//! contract that adopts its collectors; and the same with typed metrics.

pub mod adopted;
pub mod by_name;
pub mod typed;
