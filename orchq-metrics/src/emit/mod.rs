//! A source line becomes a count: sites, emissions, handles, and the records that sites leave in a binary.

pub(crate) mod emission;
pub(crate) mod fields;
mod lookup;
pub(crate) mod metric;
pub(crate) mod metric_ref;
mod other_kinds;
pub(crate) mod record;
pub(crate) mod recorders;
pub(crate) mod site;
pub(crate) mod site_record;
pub(crate) mod unannotated;

pub(crate) use lookup::Packed;
