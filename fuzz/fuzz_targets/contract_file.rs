//! Any text as a contract file: a contract that was read is written, and read again without a difference.

#![no_main]

use libfuzzer_sys::fuzz_target;
use orchq_metrics::OwnedContract;
use orchq_metrics::export::{Format, files};

fuzz_target!(|text: &str| match OwnedContract::from_json(text) {
    Ok(contract) => {
        assert_eq!(OwnedContract::from_json(&contract.to_json()).as_ref(), Ok(&contract));
        for format in Format::ALL {
            assert!(files(&contract, format).iter().all(|file| !file.text.is_empty()));
        }
    }
    Err(error) => assert!(!error.diagnostics().is_empty()),
});
