//! The corpus of each fuzz target, run again, so that no defect comes back.

#[path = "../../fuzz/answers.rs"]
mod answers;

use std::fs;
use std::path::Path;

use orchq_metrics::__unstable::binary;
use orchq_metrics::__unstable::from_records;
use orchq_metrics::export::{self, files};
use orchq_metrics::rules::{self, Source};
use orchq_metrics::scrape::{self, Format};
use orchq_metrics::sites::{self, Listing};
use orchq_metrics::{OwnedContract, Report, document, lint, v1};
use serde_json::json;

/// Calls `read` with the name and the bytes of every file of a target's corpus, which has at least this many files.
fn replay(target: &str, least: usize, mut read: impl FnMut(&str, &[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let files = fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
    let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    for file in &files {
        read(&file.file_name().unwrap_or_default().to_string_lossy(), &fs::read(file).expect("readable"));
    }
    assert!(files.len() >= least, "{} files in {}", files.len(), corpus.display());
}

#[track_caller]
fn every_place_is_in_its_line(report: &Report) {
    for place in report.findings.iter().filter_map(|finding| finding.location.as_ref()) {
        assert!(place.text.get(place.span.clone()).is_some(), "{place:?}");
    }
}

#[test]
fn exposition() {
    let contract = OwnedContract::from(&v1::CONTRACT);
    let mut clean = 0;
    replay("exposition", 24, |_, data| {
        let Some((first, text)) = data.split_first() else { return };
        let format = match first {
            b'o' => Some(Format::OpenMetrics),
            b't' => Some(Format::Text),
            _ => None,
        };
        let mut linter = lint::Linter::new(Some(&contract), &lint::LintOptions::default());
        linter.read("corpus", format, text).expect("memory can be read");
        every_place_is_in_its_line(&linter.finish());
        let text = str::from_utf8(text).unwrap_or("?");
        clean += usize::from(scrape::families(text, format).is_ok());
    });
    assert!(clean >= 10, "{clean} are of the format");
}

#[test]
fn rules() {
    let contract = OwnedContract::from(&v1::CONTRACT);
    replay("rules", 20, |name, bytes| {
        let text = String::from_utf8_lossy(bytes);
        // Also as an expression in a rule and in a dashboard.
        let rules = json!({"groups": [{"rules": [{"alert": "a", "expr": text, "annotations": {"b": text}}]}]});
        let dashboard = json!({"panels": [{"targets": [{"expr": text, "legendFormat": text}]}],
            "templating": {"list": [{"type": "query", "query": text}]}});
        for text in [text.as_ref(), &rules.to_string(), &dashboard.to_string()] {
            let options = rules::RulesOptions::default().unused(true);
            every_place_is_in_its_line(&rules::check(&contract, &[Source::new(name, text)], &options));
        }
    });
}

#[test]
fn section() {
    let mut found = 0;
    replay("section", 21, |_, bytes| {
        for records in [binary::read(bytes), binary::read_section(bytes)].into_iter().flatten() {
            found += records.count();
            let binaries = [from_records("one", records.clone()), from_records("other", records)];
            let _ = sites::check(None, &binaries);
            for contract in sites::contracts(&binaries) {
                let _ = Listing::new(&contract, &binaries).to_string();
            }
        }
    });
    assert!(found >= 20, "only {found} records");
}

#[test]
fn document() {
    let contract = OwnedContract::from(&v1::CONTRACT);
    let mut metrics = 0;
    replay("document", 11, |name, data| {
        let report = document::check(&contract, name, &String::from_utf8_lossy(data));
        every_place_is_in_its_line(&report);
        metrics += report.examined;
    });
    assert!(metrics > 2 * 13, "{metrics} metrics");
}

#[test]
fn contract_file() {
    let mut read = 0;
    replay("contract_file", 9, |name, data| match OwnedContract::from_json(&String::from_utf8_lossy(data)) {
        Ok(contract) => {
            assert_eq!(OwnedContract::from_json(&contract.to_json()).as_ref(), Ok(&contract), "{name}");
            for format in export::Format::ALL {
                assert!(files(&contract, format).iter().all(|file| !file.text.is_empty()), "{name}: {format}");
            }
            read += 1;
        }
        Err(error) => assert!(!error.diagnostics().is_empty(), "{name}"),
    });
    assert!(read >= 3, "{read} are contracts");
}

#[test]
fn fleet_answers() {
    let (mut checked, mut found) = (0, 0);
    replay("fleet_answers", 10, |_, data| {
        if let Some(report) = answers::check(data) {
            checked += 1;
            found += report.findings.len();
        }
    });
    assert!(checked >= 5 && found >= 50, "{found} findings in {checked} fleets");
}
