//! Any bytes as a binary, and as the section of one: read, checked and listed without a panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use orchq_metrics::__unstable::binary::{read, read_section};
use orchq_metrics::__unstable::from_records;
use orchq_metrics::sites::{Listing, check, contracts};

fuzz_target!(|bytes: &[u8]| {
    for records in [read(bytes), read_section(bytes)].into_iter().flatten() {
        let binaries = [from_records("one", records.clone()), from_records("other", records)];
        let _ = check(None, &binaries);
        for contract in contracts(&binaries) {
            let _ = Listing::new(&contract, &binaries).to_string();
        }
    }
});
