//! The check of a scrape against the first contract: the first byte decides on the format, the rest is the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use orchq_metrics::lint::{LintOptions, Linter};
use orchq_metrics::scrape::{self, Format};
use orchq_metrics::{OwnedContract, v1};

fuzz_target!(|data: &[u8]| {
    let Some((first, text)) = data.split_first() else { return };
    let format = match first {
        b'o' => Some(Format::OpenMetrics),
        b't' => Some(Format::Text),
        _ => None,
    };
    let contract = OwnedContract::from(&v1::CONTRACT);
    let mut linter = Linter::new(Some(&contract), &LintOptions::default());
    linter.read("fuzz", format, text).expect("memory can be read");
    for finding in &linter.finish().findings {
        if let Some(place) = &finding.location {
            assert!(place.text.get(place.span.clone()).is_some(), "{finding:?}");
        }
    }
    if let Ok(text) = std::str::from_utf8(text) {
        let _ = scrape::families(text, format);
    }
});
