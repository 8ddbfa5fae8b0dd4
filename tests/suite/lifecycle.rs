//! Renamed and deprecated metrics.

use orchq_metrics::export::{self, Format};
use orchq_metrics::lint::{LintOptions, Linter};
use orchq_metrics::rules::{self, RulesOptions, Source};
use orchq_metrics::{Label, OwnedContract, Severity, contract, emits, text};

#[derive(Clone, Copy, Label)]
pub enum Shelf {
    #[label("left")]
    Left,
    #[label("right")]
    Right,
}

#[contract(name = "library", version = "1.4.0")]
mod metrics {
    use super::Shelf;

    /// Number of books lent.
    #[counter(unit = "{book}", renamed_from = "life_lent_total", since = "1.2.0", until = "2.0.0")]
    pub struct life_books_lent_total {
        shelf: Shelf,
    }

    /// Time until a book was found.
    #[histogram(
        unit = "seconds",
        buckets = [1, 60],
        renamed_from = "life_search_seconds",
        since = "1.4.0",
        until = "1.5.0",
        deprecated(since = "1.3.0", note = "use life_books_lent_total.")
    )]
    pub struct life_search_time_seconds {}

    /// Number of books.
    #[gauge(unit = "{book}", deprecated(since = "1.0.0", note = "count the shelves"))]
    pub struct life_books {}
}
use metrics::*;

#[emits(life_books_lent_total, life_search_time_seconds, life_books)]
fn lend(shelf: Shelf) {
    life_search_time_seconds {}.observe(std::time::Duration::from_secs(2));
    life_books_lent_total { shelf }.inc();
    life_books {}.set(7);
}

/// Another contract that has one of the old names.
#[contract(name = "archive", version = "1.0.0")]
mod rival {
    /// Number of loans, without a shelf.
    #[counter(unit = "{book}")]
    pub struct life_lent_total {}

    /// Number of records.
    #[gauge(unit = "{record}")]
    pub struct life_records {}
}

const PAGE: &str = "\
# HELP life_books_lent_total Number of books lent.
# TYPE life_books_lent_total counter
life_books_lent_total{shelf=\"left\"} 2
life_books_lent_total{shelf=\"right\"} 0
# HELP life_lent_total Renamed to life_books_lent_total since 1.2.0, dropped in 2.0.0. Number of books lent.
# TYPE life_lent_total counter
life_lent_total{shelf=\"left\"} 2
life_lent_total{shelf=\"right\"} 0
# HELP life_search_time_seconds Deprecated since 1.3.0: use life_books_lent_total. Time until a book was found.
# TYPE life_search_time_seconds histogram
life_search_time_seconds_bucket{le=\"1\"} 0
life_search_time_seconds_bucket{le=\"60\"} 2
life_search_time_seconds_bucket{le=\"+Inf\"} 2
life_search_time_seconds_sum 4
life_search_time_seconds_count 2
# HELP life_search_seconds Renamed to life_search_time_seconds since 1.4.0, dropped in 1.5.0. Deprecated since 1.3.0: \
use life_books_lent_total. Time until a book was found.
# TYPE life_search_seconds histogram
life_search_seconds_bucket{le=\"1\"} 0
life_search_seconds_bucket{le=\"60\"} 2
life_search_seconds_bucket{le=\"+Inf\"} 2
life_search_seconds_sum 4
life_search_seconds_count 2
# HELP life_books Deprecated since 1.0.0: count the shelves. Number of books.
# TYPE life_books gauge
life_books 7
";

#[test]
fn both_names_are_served_and_the_help_says_so() {
    lend(Shelf::Left);
    lend(Shelf::Left);
    let page = text::encode(&CONTRACT);
    let end = page.find("# HELP orchq_metrics_").expect("the info metric");
    snapbox::assert_data_eq!(&page[..end], snapbox::Data::text(PAGE).raw());
    let registry = prometheus::Registry::new();
    CONTRACT.register(&registry).expect("an empty registry");
    let mut gathered: Vec<_> = crate::gathered(&registry).lines().map(str::to_owned).collect();
    let mut served: Vec<_> = page.lines().map(str::to_owned).collect();
    gathered.sort();
    served.sort();
    assert_eq!(gathered, served);
    // Nor can the collector of another library have the old name.
    let theirs = prometheus::IntCounter::new("life_search_seconds", "Theirs.").expect("legal");
    assert!(registry.register(Box::new(theirs)).is_err());

    // The scrape fits the contract, with the old names and without them.
    let contract = OwnedContract::from(&CONTRACT);
    let old = ["life_lent_total", "life_search_seconds"];
    let without: String = page
        .split_inclusive('\n')
        .filter(|line| !old.iter().any(|old| line.contains(old) && !line.contains("HELP life_books_lent")))
        .collect();
    for page in [&page, &without] {
        let mut linter = Linter::new(Some(&contract), &LintOptions::default());
        linter.read("page", None, page.as_bytes()).expect("it is in memory");
        let findings = linter.finish().findings;
        assert!(findings.is_empty(), "{findings:#?}\n{page}");
    }
}

#[test]
fn an_old_name_does_not_make_up_for_the_new_one() {
    let contract = OwnedContract::from(&CONTRACT);
    let mut linter = Linter::new(Some(&contract), &LintOptions::default());
    let page = "# HELP life_lent_total Number of books lent.\n# TYPE life_lent_total counter\n\
                life_lent_total{shelf=\"up\"} 1\n";
    linter.read("page", None, page.as_bytes()).expect("it is in memory");
    let found: Vec<_> = linter.finish().findings.iter().map(|finding| finding.rule.clone()).collect();
    let missing = "scrape-family-missing";
    assert_eq!(found, ["scrape-help", "scrape-value-unknown", missing, missing, missing]);
}

#[test]
fn queries_of_an_old_name_and_of_a_deprecated_metric_are_reported() {
    let text = r#"
groups:
  - name: library
    rules:
      - alert: Lending
        expr: rate(life_lent_total{shelf="up"}[5m]) > rate(life_books_lent_total[5m])
      - alert: Slow
        expr: histogram_quantile(0.9, rate(life_search_seconds_bucket[5m])) > 5
      - alert: Any
        expr: absent({__name__=~"life_lent_total|life_books"})
"#;
    let files = [Source::new("library.yml", text)];
    let report = rules::check(&OwnedContract::from(&CONTRACT), &files, &RulesOptions::default().unused(true));
    let found: Vec<_> = report.findings.iter().map(|finding| (&*finding.rule, finding.message.as_str())).collect();
    let [renamed, deprecated] = ["rules-renamed-metric", "rules-deprecated-metric"];
    let at = |alert: &str, what: &str| format!("alert `{alert}` in group `library` selects {what}");
    let lent = "`life_lent_total`, which is `life_books_lent_total` since 1.2.0, and which 2.0.0 drops";
    let searched =
        "`life_search_seconds_bucket`, which is `life_search_time_seconds_bucket` since 1.4.0, and which 1.5.0 drops";
    let slow = "`life_search_seconds_bucket`, which is deprecated since 1.3.0: use life_books_lent_total.";
    let books = "`life_books`, which is deprecated since 1.0.0: count the shelves";
    let expected = [
        (renamed, at("Lending", lent)),
        ("rules-unknown-value", found[1].1.to_owned()),
        (renamed, at("Slow", searched)),
        (deprecated, at("Slow", slow)),
        (renamed, at("Any", lent)),
        (deprecated, at("Any", books)),
    ];
    assert_eq!(found, expected.each_ref().map(|(rule, message)| (*rule, message.as_str())));
    assert_eq!(report.findings[0].severity, Severity::Warning);
}

#[test]
fn an_old_name_that_another_contract_has_is_a_conflict() {
    let [ours, theirs] = [&CONTRACT, &rival::CONTRACT].map(|contract| contract.coverage().findings);
    for (findings, line) in [(&ours, "library 1.4.0 declares it"), (&theirs, "archive 1.0.0 declares it")] {
        let conflict = findings.iter().find(|finding| finding.rule == "conflicting-contracts").expect("a conflict");
        assert_eq!(conflict.subject, "life_lent_total");
        assert!(conflict.message.starts_with(line), "{conflict:?}");
    }
    let registry = prometheus::Registry::new();
    rival::CONTRACT.register(&registry).expect("an empty registry");
    let error = CONTRACT.register(&registry).expect_err("a conflict").to_string();
    assert!(error.contains("it defines `life_lent_total` differently than archive 1.0.0"), "{error}");
    let page = text::encode(&[&rival::CONTRACT, &CONTRACT]);
    assert_eq!(page.matches("# TYPE life_lent_total ").count(), 0, "the first has no site, and the other is left out");
    assert!(page.contains(r#"orchq_metrics_violations_total{metric="life_lent_total",kind="conflicting_contracts"}"#));
}

#[test]
fn the_document_and_the_file_have_both_names() {
    let contract = OwnedContract::from(&CONTRACT);
    let document = contract.to_markdown();
    for line in [
        "  - renamed from: life_lent_total since 1.2.0, dropped in 2.0.0\n",
        "  - deprecated: since 1.0.0, count the shelves\n",
    ] {
        assert!(document.contains(line), "{document}");
    }
    let report = orchq_metrics::document::check(&contract, "doc.md", &document);
    assert!(report.findings.is_empty(), "{report:#?}");
    let json = contract.to_json();
    assert_eq!(OwnedContract::from_json(&json), Ok(contract.clone()));
    let schema: serde_json::Value = serde_json::from_str(orchq_metrics::export::json_schema()).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    assert!(schema.is_valid(&serde_json::from_str(&json).expect("JSON")));
    let weaver = export::files(&contract, Format::Weaver).remove(1).text;
    assert!(weaver.contains("count the shelves"), "{weaver}");
    // The old name is a promise, and a note is not.
    let fingerprint = |edit: fn(&mut OwnedContract)| {
        let mut other = contract.clone();
        edit(&mut other);
        other.fingerprint()
    };
    assert_ne!(contract.fingerprint(), fingerprint(|other| other.metrics[0].renamed_from = None));
    assert_eq!(contract.fingerprint(), fingerprint(|other| other.metrics[2].deprecated = None));
    for (from, to, message) in [
        ("\"until\": \"1.5.0\"", "\"until\": \"1.4.0\"", "the version that drops the old name comes after `since`"),
        ("\"until\": \"1.5.0\"", "\"until\": \"soon\"", "write a version of the contract, as in \"1.0.0\""),
        (
            "\"version\": \"1.4.0\"",
            "\"version\": \"1.5.0\"",
            "the contract has reached the version that drops the old name",
        ),
        ("\"version\": \"1.4.0\"", "\"version\": \"1.3.0\"", "this is after the contract's own version"),
        ("\"life_search_seconds\"", "\"life_books\"", "this contract serves `life_books` already"),
        ("\"life_search_seconds\"", "\"life_search_seconds_sum\"", "names that end in `_sum` are derived"),
        (
            "\"life_search_seconds\"",
            "\"life_search_time_seconds\"",
            "this contract serves `life_search_time_seconds` already",
        ),
        ("\"life_search_seconds\"", "\"life_search_ms\"", "the name ends in `ms`, which means milliseconds"),
        ("\"note\": \"count the shelves\"", "\"note\": \" \"", "this text is empty"),
    ] {
        assert!(json.contains(from), "{json}");
        let wrong: String = json.lines().filter(|line| !line.contains("fingerprint")).collect::<Vec<_>>().join("\n");
        let error = OwnedContract::from_json(&wrong.replace(from, to)).expect_err(to).to_string();
        assert!(error.contains(message), "{error}");
    }
}
