//! Sizes. The model checker replaces this file, because every cell costs it time.

/// Slots of an index's first level; each level has twice as many as the one before.
pub(crate) const FIRST_LEVEL: usize = 64;

/// More levels than the numbers can fill, and a power of two, so that a level is brought into bounds without a branch.
pub(crate) const LEVELS: usize = 32;

/// The length of a list's first segment, a power of two.
pub(crate) const FIRST_SEGMENT: usize = 32;

/// The number of segments: a power of two, so that a segment is brought into bounds without a branch. Those
/// that would be shorter than the first are never used.
pub(crate) const SEGMENTS: usize = 32;

/// Cells in a line of a shard, an even number: two cache lines, because processors fetch them in pairs. No two
/// threads write to one line.
pub(crate) const LINE: usize = 16;

/// How many slots of a table have their cells in one range, which a thread allocates as a whole. A power of two.
pub(crate) const RANGE_SLOTS: usize = 1024;

/// How many ranges a thread finds with one load; the others take some steps more.
pub(crate) const NEAR: usize = 128;
