//! The format of contract files.

/// The format that is written, and the only one that is read.
pub(super) const FORMAT: u32 = 1;
