//! Everything that needs a crate beside the one under test.

mod adopted;
mod architecture;
mod contract_file;
mod corpus;
mod coverage;
mod diff;
mod document;
mod export;
mod exposition;
mod foreign;
mod fractions;
mod guards;
mod handed_on;
mod lifecycle;
mod lint;
mod names;
mod properties;
mod ranges;
mod readme;
mod rules;
mod served;
mod shapes;
mod sites;
mod store;
mod values;
mod versions;

/// What a registry serves, in the text format.
fn gathered(registry: &prometheus::Registry) -> String {
    prometheus::TextEncoder::new().encode_to_string(&registry.gather()).expect("the encoder takes every family")
}

/// Compares a file of the repository with what the code makes of it. With `SNAPSHOTS=overwrite` the file is written.
#[track_caller]
fn assert_file(path: &str, made: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    snapbox::assert_data_eq!(made, snapbox::Data::read_from(&file, None).raw());
}
