//! What is measured, one file for each part of the report.

pub mod annotations;
pub mod emission;
pub mod growth;
pub mod memory;
pub mod sites;
pub mod text;
