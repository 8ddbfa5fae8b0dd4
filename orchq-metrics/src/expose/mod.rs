//! What leaves the process: text, a collector, snapshots, pushes.

pub(crate) mod adoption;
#[cfg(feature = "prometheus")]
mod collector;
pub(crate) mod families;
#[cfg(feature = "otlp")]
pub mod otlp;
pub(crate) mod own;
pub(crate) mod push_stats;
#[cfg(feature = "prometheus")]
mod registries;
pub(crate) mod snapshot;
pub mod text;
