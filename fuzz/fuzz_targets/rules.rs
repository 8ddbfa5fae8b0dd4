//! Any text as a rule file, a manifest or a dashboard.

#![no_main]

use libfuzzer_sys::fuzz_target;
use orchq_metrics::OwnedContract;
use orchq_metrics::rules::{Options, Source, check};

fuzz_target!(|text: &str| {
    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    let report = check(&contract, &[Source::new("input", text)], &Options::default().unused(true));
    for location in report.findings.iter().filter_map(|finding| finding.location.as_ref()) {
        assert!(location.text.get(location.span.clone()).is_some());
    }
});
