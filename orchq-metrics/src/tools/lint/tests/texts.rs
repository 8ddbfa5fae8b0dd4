//! Whole texts: several at once, too many families, and bodies of another kind.

use super::*;

/// The findings of texts that are checked together, as `rule subject`.
fn together(texts: &[&str]) -> Vec<String> {
    let (contract, options) = (contract(), LintOptions::default());
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
    // A text with an error has a finding of its own.
    assert_eq!(together(&[&whole, "<html>\n"]), ["exposition-not-text 1"]);
}

#[test]
fn families_past_those_that_are_kept_are_not_missing() {
    let foreign: String = (0..66_000).map(|n| format!("other_{n} 1\n")).collect();
    let found = against_contract(&(foreign + &promised()));
    assert_eq!(found, ["exposition-series-not-compared 65537:other_65536"]);
}

#[test]
fn a_short_body_without_a_sample_is_of_another_kind() {
    for (body, token) in [
        ("404 page not found\n", "1:4"),
        ("null\n", "1:"),
        ("Unauthorized\nno\n", "1:"),
        ("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\na 1\n", "1:HTTP/1.1 200 OK\u{fffd}"),
        ("# x\n<html>\n<body>\n</html>\n", "2:<"),
        ("b'# HELP a x\na 1\n'", "1:b'# HELP a x"),
        ("b'# HELP a x\\na 1\\n'", "1:b'# HELP a x\\na 1\\n'"),
        ("upstream error\nand cut", "1:error"),
    ] {
        assert_eq!(found(body), [format!("exposition-not-text {token}")], "{body:?}");
        assert_eq!(together(&[&promised(), body]), ["exposition-not-text 1"], "{body:?}");
        let findings = crate::tools::scrape::families(body, None).expect_err("no exposition");
        assert_eq!(findings.iter().map(brief).collect::<Vec<_>>(), [format!("exposition-not-text {token}")]);
    }
    // A line's own error is reported if another line is right, or if the error is a specific one.
    assert_eq!(found("404 page not found\na 1\n"), ["exposition-syntax 1:4"]);
    assert_eq!(found("# TYPE a gauge\na one\n"), ["exposition-syntax 2:one"]);
    assert_eq!(found("a{b=\"1\",b=\"2\"} 1\n?\n"), ["exposition-label-twice 1:b", "exposition-syntax 2:?"]);
    assert_eq!(found("a 1\r\n"), ["exposition-encoding 1:\r"]);
    assert_eq!(found("a{b=\"c"), ["exposition-truncated 1:"]);
}

#[test]
fn the_scrape_of_another_contract_is_one_finding() {
    let report = linted(Some(&contract()), "# HELP up Up.\n# TYPE up gauge\nup 1\n");
    let [finding] = &report.findings[..] else { panic!("{:#?}", report.findings) };
    assert!(finding.rule == "scrape-family-missing" && finding.message.ends_with("of its 3 metrics"), "{finding:?}");
    assert!(finding.help.contains("--contract"), "{finding:?}");
}
