//! The oldest supported compiler is the one that checks everything. All files name the same version.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The text between `before` and the next quotation mark.
fn quoted<'a>(text: &'a str, before: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before} is missing"));
    rest.split_once('"').expect("a closing quotation mark").0
}

/// The versions that follow `before`: digits and dots.
fn versions<'a>(text: &'a str, before: &'a str) -> impl Iterator<Item = &'a str> {
    let version = |rest: &'a str| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        rest[..end].trim_end_matches('.')
    };
    text.split(before).skip(1).map(version).filter(|version| version.contains('.'))
}

#[test]
fn the_supported_compiler_is_the_one_that_everything_is_checked_with() {
    let pinned = read("rust-toolchain.toml");
    let pinned = quoted(&pinned, "channel = \"");
    let manifest = read("Cargo.toml");
    let supported = quoted(&manifest, "rust-version = \"");
    assert_eq!(pinned.strip_suffix(".0"), Some(supported), "rust-toolchain.toml and Cargo.toml");

    let readme = read("README.md");
    assert!(versions(&readme, "Rust ").next().is_some(), "README.md does not say which Rust is needed");
    for page in ["README.md", "CONTRIBUTING.md", "docs/architecture.md", ".github/workflows/ci.yml"] {
        let page_text = read(page);
        for before in ["Rust ", "cargo +", "toolchain install "] {
            for version in versions(&page_text, before) {
                assert!(version == supported || version == pinned, "{page} names Rust {version}");
            }
        }
    }
    for member in ["orchq-metrics", "orchq-metrics-macros"] {
        assert!(read(&format!("{member}/Cargo.toml")).contains("\nrust-version.workspace = true\n"), "{member}");
    }
    assert!(
        !Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../clippy.toml")).exists(),
        "clippy has its `msrv` from Cargo.toml"
    );
}
