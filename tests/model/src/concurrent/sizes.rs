//! As small as possible: every cell costs time, and growth has to happen early.

pub(crate) const FIRST_LEVEL: usize = 2;
pub(crate) const LEVELS: usize = 4;
pub(crate) const FIRST_SEGMENT: usize = 2;
pub(crate) const SEGMENTS: usize = 4;
pub(crate) const LINE: usize = 2;
pub(crate) const NEAR: usize = 1;
pub(crate) const RANGE_SLOTS: usize = 2;
