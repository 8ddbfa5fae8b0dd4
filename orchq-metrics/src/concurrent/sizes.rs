//! How large things are; the model checker, for which every cell counts, has another file instead of this one.

/// Slots of an index's first level; each level has twice as many as the one before.
pub(crate) const FIRST_LEVEL: usize = 64;

/// More levels than there are numbers for, and a power of two, by which a level is brought into bounds
/// without a branch.
pub(crate) const LEVELS: usize = 32;

/// The length of a list's first segment, a power of two.
pub(crate) const FIRST_SEGMENT: usize = 32;

/// How many segments there can be: a power of two, by which a segment is brought into bounds
/// without a branch. Those that would be shorter than the first are never used.
pub(crate) const SEGMENTS: usize = 32;

/// Cells in a line of a shard, an even number: two cache lines, because processors fetch them in pairs, so that
/// what one thread writes is near nothing that another one does.
pub(crate) const LINE: usize = 16;

/// How many slots of a table have their cells in one range: what a thread sets aside for them when it records
/// for one. A power of two.
pub(crate) const RANGE_SLOTS: usize = 1024;

/// How many ranges a thread finds at once; the rest takes some steps more.
pub(crate) const NEAR: usize = 128;
