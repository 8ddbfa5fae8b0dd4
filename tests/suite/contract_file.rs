//! The contract as a file: kept in the repository, described by a schema, and read by one set of rules.

use std::fs;
use std::path::Path;

use orchq_metrics::{OwnedContract, v1::CONTRACT};

const LOCK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../contract.lock.json");

#[test]
fn the_lock_file_is_what_the_code_exports() {
    let exported = OwnedContract::from(&CONTRACT).to_json();
    if std::env::var_os("ORCHQ_BLESS").is_some() {
        fs::write(LOCK, &exported).expect("the file can be written");
    }
    let kept = fs::read_to_string(LOCK).unwrap_or_default();
    assert!(
        kept == exported,
        "contract.lock.json is not what the contract exports to; refresh it with \
         `ORCHQ_BLESS=1 cargo test -p orchq-metrics-tests the_lock_file_is_what_the_code_exports` and read the difference",
    );
}

#[test]
fn the_lock_file_is_read_back_as_the_contract() {
    let kept = fs::read_to_string(LOCK).expect("it is kept");
    let read = OwnedContract::from_json(&kept).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(read, OwnedContract::from(&CONTRACT));
    assert_eq!(read.fingerprint(), CONTRACT.fingerprint());
}

/// The table of units is in the crate of macros and in the reader, which cannot share it.
#[test]
fn the_attribute_and_the_reader_know_the_same_units() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/contract/unknown-unit.stderr");
    let compiler = fs::read_to_string(path).expect("it is kept");
    let (_, of_attribute) = compiler.split_once("the units are ").expect("the error lists them");
    let file = r#"{ "format": 1, "name": "shop", "version": "1.0.0", "metrics": [
        { "name": "orders", "kind": "gauge", "unit": "metres", "help": "Orders." }
    ] }"#;
    let error = OwnedContract::from_json(file).expect_err("the unit is unknown").to_string();
    let (_, of_reader) = error.split_once("the units are ").expect("the error lists them");
    assert!(of_reader.len() > 20 && of_attribute.lines().next() == Some(of_reader), "{of_attribute}\n{of_reader}");
}
