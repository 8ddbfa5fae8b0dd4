use orchq_metrics::{OwnedContract, Severity, Suppression, lint, text, v1};

#[test]
fn the_scrape_keeps_the_contract() {
    let contract = OwnedContract::from(&v1::CONTRACT);
    let page = text::encode(&v1::CONTRACT);
    let mut report = lint::scrape(Some(&contract), "/metrics", page.as_bytes(), &lint::LintOptions::default()).unwrap();
    report.suppress("lint", &[Suppression::new("scrape-family-missing", "this test drives a part of the system")]);
    assert!(report.worst() < Some(Severity::Error), "{:#?}", report.findings);
}
