//! From a source line to a count: sites, emissions, handles, and the records that sites leave in a binary.

pub(crate) mod handle;
pub(crate) mod metric;
pub(crate) mod record;
pub(crate) mod site;
