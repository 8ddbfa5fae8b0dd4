//! Any text as a contract document.

#![no_main]

use libfuzzer_sys::fuzz_target;
use orchq_metrics::{OwnedContract, document};

fuzz_target!(|text: &str| {
    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    let report = document::check(&contract, "input", text);
    for place in report.findings.iter().filter_map(|finding| finding.location.as_ref()) {
        assert!(place.text.get(place.span.clone()).is_some());
        assert!(place.line <= text.lines().count());
    }
});
