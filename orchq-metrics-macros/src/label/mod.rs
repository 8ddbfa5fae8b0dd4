//! The derives: `Label` for one label's values, `Labels` for a group.

mod condition;
pub(crate) mod field;
pub(crate) mod group;
pub(crate) mod types;
pub(crate) mod value;
