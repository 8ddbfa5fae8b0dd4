//! The corpus of each fuzz target, read again: what was fine, or was mended, stays so.

use std::fs;
use std::path::Path;

use orchq_metrics::lint::{self, Options};
use orchq_metrics::scrape::{self, Format};
use orchq_metrics::{OwnedContract, v1};

/// Calls `read` with every file of a target's corpus, of which there are so many at least.
fn replay(target: &str, least: usize, mut read: impl FnMut(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let files = fs::read_dir(&corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
    let files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    for file in &files {
        read(&fs::read(file).expect("readable"));
    }
    assert!(files.len() >= least, "{} files in {}", files.len(), corpus.display());
}

#[test]
fn exposition() {
    let contract = OwnedContract::from(&v1::CONTRACT);
    let mut clean = 0;
    replay("exposition", 24, |data| {
        let Some((first, text)) = data.split_first() else { return };
        let mut options = Options::default();
        options.format = match first {
            b'o' => Some(Format::OpenMetrics),
            b't' => Some(Format::Text),
            _ => None,
        };
        let report = lint::scrape(Some(&contract), "corpus", text, &options).expect("memory can be read");
        for place in report.findings.iter().filter_map(|finding| finding.location.as_ref()) {
            assert!(place.text.get(place.span.clone()).is_some(), "{place:?}");
        }
        let text = str::from_utf8(text).unwrap_or("?");
        clean += usize::from(scrape::families(text, options.format).is_ok());
    });
    assert!(clean >= 10, "{clean} are of the format");
//! The seeds of the fuzz targets, through what they fuzz: what once broke is tried by every test run.

use std::path::Path;

use orchq_metrics::OwnedContract;
use orchq_metrics::rules::{self, Options, Source};

/// Calls `each` with every file of a target's corpus, and says how many there were.
fn replay(target: &str, each: impl Fn(&str, &[u8])) -> usize {
use orchq_metrics::binary;
use orchq_metrics::sites::{self, Binary, Listing};

/// Calls `each` with every file of a target's corpus, and says how many there were.
fn replay(target: &str, mut each: impl FnMut(&str, &[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut count = 0;
    for file in files {
        let path = file.expect("the folder can be read").path();
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        each(&path.file_name().unwrap_or_default().to_string_lossy(), &bytes);
        count += 1;
    }
    count
}

#[test]
fn rules() {
    let contract = OwnedContract::from(&orchq_metrics::v1::CONTRACT);
    let read = replay("rules", |name, bytes| {
        let text = String::from_utf8_lossy(bytes);
        let report = rules::check(&contract, &[Source::new(name, &text)], &Options::default().unused(true));
        for location in report.findings.iter().filter_map(|finding| finding.location.as_ref()) {
            assert!(location.text.get(location.span.clone()).is_some(), "{name}: {location:?}");
        }
    });
    assert!(read >= 18, "only {read} seeds");
fn section() {
    let mut found = 0;
    let read = replay("section", |_, bytes| {
        for records in [binary::read(bytes), binary::read_section(bytes)].into_iter().flatten() {
            found += records.count();
            let binaries = [Binary::new("one", records.clone()), Binary::new("other", records)];
            let _ = sites::check(None, &binaries);
            for contract in sites::contracts(&binaries) {
                let _ = Listing::new(&contract, &binaries).to_string();
            }
        }
    });
    assert!(read >= 21 && found >= 20, "only {read} seeds, with {found} records");
}
