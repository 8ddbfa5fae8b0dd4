//! Reads the records that sites and contracts leave in a built binary, without running it.

mod error;
mod file;
mod record;
mod records;
mod section;
#[cfg(test)]
mod tests;

pub use error::ReadError;
pub use file::read;
pub use record::{RecordedEmission, RecordedMetric};
pub use records::Records;
pub use section::read_section;
