//! The self-check as a user calls it, in a binary that links the fixtures.

use fixtures::contracts::shapes_contract::{CONTRACT, shape_calls, shape_foreign_calls_total};
use fixtures::contracts::{Color, Place, Text};
use orchq_metrics::{Color as Paint, Rung, contract, contracts, emits};

/// A contract with a metric that only test code emits, and one that no code emits.
#[contract(name = "untested", version = "0.1.0")]
mod untested {
    use super::*;

    /// Recorded by a test alone.
    #[counter(unit = "1")]
    pub struct recorded_by_a_test_total {
        text: Text,
    }

    /// Recorded by nothing.
    #[gauge(unit = "1")]
    pub struct recorded_by_nothing {
        #[labels]
        place: Place,
    }
}

/// Test code: this file is part of an integration test.
#[emits(untested::recorded_by_a_test_total)]
fn record() -> u32 {
    untested::recorded_by_a_test_total { text: Text::new("here") }.inc();
    line!() - 1
}

#[test]
fn sites_in_test_code_are_listed_and_never_count() {
    let line = record();
    let coverage = untested::CONTRACT.coverage();
    let metric = coverage.metric("recorded_by_a_test_total").expect("declared");
    assert_eq!(metric.rung, Rung::Declared);
    assert_eq!(metric.sites.len(), 1);
    assert!(metric.sites[0].test && metric.sites[0].hit == Some(true));
    let text = coverage.to_string();
    let place = format!("tests/suite/coverage.rs:{line} suite::coverage::record (test code, not counted)");
    assert!(text.contains(&place), "{text}");
    assert!(text.contains("only test code emits it"), "{text}");
}

#[test]
fn a_metric_without_a_site_fails_the_self_check_with_the_table() {
    let error = untested::CONTRACT.self_check().expect_err("nothing emits it");
    let text = error.to_string();
    assert!(
        text.contains("error[metric-without-site] recorded_by_nothing: no function in this binary emits it"),
        "{text}"
    );
    assert!(text.contains("recorded_by_nothing       gauge      declared  color, [text]"), "{text}");
    // `main` prints errors with `Debug`.
    assert_eq!(format!("{error:?}"), text);
    assert_eq!(error.coverage.findings.len(), 2);
}

#[test]
#[should_panic(expected = "2 of 2 metrics not linked: recorded_by_a_test_total, recorded_by_nothing")]
fn assert_panics_with_what_is_missing() {
    untested::CONTRACT.coverage().assert(Rung::Linked);
}

#[test]
fn metrics_of_other_binaries_are_excused_with_a_reason() {
    let check = untested::CONTRACT
        .check()
        .expect_elsewhere::<untested::recorded_by_nothing>("the worker records it")
        .expect_elsewhere::<untested::recorded_by_a_test_total>("the worker records it");
    let coverage = check.self_check().expect("both are excused");
    coverage.assert(Rung::Hit);
    assert!(coverage.to_string().contains("expected elsewhere: the worker records it"));
}

#[test]
fn an_exemption_that_is_untrue_is_a_finding() {
    let coverage = CONTRACT.check().expect_elsewhere::<shape_calls>("some other binary").coverage();
    let rules: Vec<_> = coverage.findings.iter().map(|finding| (&*finding.rule, finding.subject.as_str())).collect();
    assert_eq!(rules, [("taken-on-trust", "shape_foreign_calls_total"), ("stale-exemption", "shape_calls")]);
    let message = &coverage.findings[1].message;
    assert!(message.contains("but this binary emits it: ") && message.contains(" fixtures::"), "{coverage}");

    let foreign = CONTRACT.check().expect_elsewhere::<untested::recorded_by_nothing>("not even in the contract");
    assert!(foreign.coverage().findings.iter().any(|finding| finding.rule == "stale-exemption"));

    let silent = untested::CONTRACT.check().expect_elsewhere::<untested::recorded_by_nothing>(" ");
    assert!(silent.coverage().findings.iter().any(|finding| finding.rule == "exemption-without-reason"));
}

#[test]
fn a_metric_that_cannot_be_hit_here_is_excused_while_that_is_so() {
    // Another library records it, so it is linked and never hit.
    let check = || CONTRACT.check().expect_unhit::<shape_foreign_calls_total>("counted by another library");
    assert!(!check().coverage().has_errors());
    assert!(check().coverage().below(Rung::Hit).all(|metric| metric.name() != "shape_foreign_calls_total"));
    let without = CONTRACT.coverage();
    assert!(without.below(Rung::Hit).any(|metric| metric.name() == "shape_foreign_calls_total"));

    fixtures::shapes::begin();
    let untrue = CONTRACT.check().expect_unhit::<shape_calls>("nothing calls it").coverage();
    let stale: Vec<_> = untrue.findings.iter().filter(|finding| finding.rule == "stale-exemption").collect();
    assert_eq!(stale.len(), 1, "{untrue}");
    assert!(stale[0].message.contains("expected to record nothing"), "{untrue}");
}

#[test]
fn the_linked_contract_is_covered() {
    CONTRACT.coverage().assert(Rung::Linked);
    let table = CONTRACT.self_check().expect("every metric has a site").to_string();
    assert!(table.contains("requirement ORCH-7"), "{table}");
    assert!(table.contains("(extern)"), "{table}");
}

#[test]
fn one_check_covers_all_contracts_of_the_binary() {
    let names: Vec<_> = contracts().iter().map(|contract| contract.name()).collect();
    assert!(names.is_sorted() && names.contains(&"shapes") && names.contains(&"untested"), "{names:?}");
    let error = contracts().self_check().expect_err("nothing emits two metrics of one of them");
    let text = error.to_string();
    assert!(text.contains("error[metric-without-site] recorded_by_nothing"), "{text}");
    assert!(text.contains("contract shapes 1.0.0") && text.contains("contract untested 0.1.0"), "{text}");
    let below: Vec<_> = error.coverage.below(Rung::Linked).map(|metric| metric.name()).collect();
    assert!(below.contains(&"recorded_by_nothing"), "{below:?}");
    let panic = std::panic::catch_unwind(|| contracts().coverage().assert(Rung::Linked)).expect_err("it is below");
    let message = panic.downcast_ref::<String>().expect("a message");
    assert!(message.contains("not linked: ") && message.contains("recorded_by_nothing"), "{message}");
}

#[test]
fn an_exemption_counts_for_the_contract_that_has_the_metric() {
    let coverage = contracts().check().expect_elsewhere::<untested::recorded_by_nothing>("the worker").coverage();
    let untested = coverage.contract("untested").expect("it is linked");
    assert!(untested.metric("recorded_by_nothing").expect("declared").exemption.is_some());
    assert!(untested.findings.iter().all(|finding| finding.subject != "recorded_by_nothing"), "{untested}");
    let stale = coverage.contracts.iter().flat_map(|contract| &contract.findings);
    assert!(stale.clone().all(|finding| finding.rule != "stale-exemption"));
}

#[test]
fn colour_is_for_terminals() {
    let coverage = CONTRACT.coverage();
    assert!(!coverage.display(Paint::Never).to_string().contains('\x1b'));
    assert!(coverage.display(Paint::Always).to_string().contains("\x1b["));
    // A file is not a terminal.
    let file = std::fs::File::open(file!().trim_start_matches("tests/")).expect("this file");
    assert_eq!(Paint::auto(&file), Paint::Never);
}

#[test]
fn coverage_is_json_too() {
    let coverage = CONTRACT.check().expect_unhit::<shape_foreign_calls_total>("another library").coverage();
    let json = serde_json::to_value(&coverage).expect("it serialises");
    assert_eq!(json["contract"], "shapes");
    let metrics = json["metrics"].as_array().expect("a list");
    let foreign = metrics.iter().find(|metric| metric["name"] == "shape_foreign_calls_total").expect("declared");
    assert_eq!(foreign["kind"], "counter");
    assert_eq!(foreign["unit"], "{call}");
    assert_eq!(foreign["rung"], "linked");
    assert_eq!(foreign["labels"][0]["values"]["closed"][0], Color::Red.as_str());
    assert_eq!(foreign["labels"][1]["values"]["budget"], 1000);
    assert_eq!(foreign["labels"][1]["conditional"], true);
    assert_eq!(foreign["exemption"]["reason"], "another library");
    assert_eq!(foreign["sites"][0]["by_another_library"], true);
}
