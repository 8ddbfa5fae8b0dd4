//! The derives: `Label` for one label's values, `Labels` for a group.

pub(crate) mod condition;
pub(crate) mod group;
pub(crate) mod value;
