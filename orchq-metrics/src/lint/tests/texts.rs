//! Whole texts: several at once, too many families, and bodies of another kind.

use super::*;

/// The findings of texts that are checked together, as `rule subject`.
fn together(texts: &[&str]) -> Vec<String> {
    let (contract, options) = (contract(), Options::default());
    let mut linter = Linter::new(Some(&contract), &options);
    for (place, text) in texts.iter().enumerate() {
        linter.read(&place.to_string(), None, text.as_bytes()).expect("memory");
    }
    let findings = linter.finish().findings;
    let grave = findings.iter().filter(|finding| !finding.rule.starts_with("promlint-"));
    grave.map(|finding| format!("{} {}", finding.rule, finding.subject)).collect()
}

#[test]
fn an_empty_text_among_several_is_an_error() {
    let whole = promised();
    for empty in ["", "# hi\n", "\n", "# TYPE queue_depth gauge\n"] {
        assert_eq!(together(&[&whole, empty]), ["exposition-empty 1"], "{empty:?}");
        assert_eq!(together(&[empty, &whole, empty]), ["exposition-empty 0", "exposition-empty 2"], "{empty:?}");
        assert_eq!(together(&[empty, empty]), ["exposition-empty 0", "exposition-empty 1"], "{empty:?}");
        assert_eq!(together(&[empty]), [""; 0], "{empty:?}");
    }
    // What has something wrong says so itself.
    assert_eq!(together(&[&whole, "<html>\n"]), ["exposition-not-text 1"]);
}

#[test]
fn families_past_those_that_are_kept_are_not_missing() {
    let foreign: String = (0..66_000).map(|n| format!("other_{n} 1\n")).collect();
    let found = against_contract(&(foreign + &promised()));
    assert_eq!(found, ["exposition-series-not-compared 65537:other_65536"]);
}
