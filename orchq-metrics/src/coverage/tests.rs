//! The rules on evidence made by hand, for what one honest build cannot hold.

use super::*;
use crate::site::{MetricRef, Origin};
use crate::{Label, contract};

#[derive(Clone, Copy, Label)]
enum Side {
    #[label("left")]
    Left,
}

#[contract(name = "shop", version = "1.0.0")]
#[expect(unreachable_pub, reason = "as in a contract that is not in a test")]
mod shop {
    use super::*;

    /// Number of orders.
    #[counter(unit = "1")]
    pub struct orders_total {
        side: Side,
    }

    /// Orders in hand.
    #[gauge(unit = "1")]
    pub struct orders {}
}

/// The same contract a version later: a metric more, and a label less.
#[contract(name = "shop", version = "2.0.0")]
#[expect(unreachable_pub, reason = "as in a contract that is not in a test")]
mod later {
    /// Number of orders.
    #[counter(unit = "1")]
    pub struct orders_total {}

    /// Number of returns.
    #[counter(unit = "1")]
    pub struct returns_total {}
}

const ORIGIN: Origin = Origin {
    krate: "shop",
    version: "0.1.0",
    module: "shop::till",
    function: "count",
    file: "src/till.rs",
    in_test: false,
};

fn site(function: &'static str, emits: Emits) -> &'static Site {
    Box::leak(Box::new(Site::new(Origin { function, ..ORIGIN }, Box::leak(Box::new([emits])))))
}

fn metric(contract: &'static Contract, name: &str) -> MetricRef {
    let family = contract.family_pointers().find(|family| family().desc().name == name).expect("declared above");
    MetricRef { desc: family().desc(), family }
}

fn emits(contract: &'static Contract, name: &str) -> Emits {
    Emits::new(metric(contract, name), &[7])
}

/// Both metrics of the shop, recorded.
fn complete() -> Vec<&'static Site> {
    let shop = &shop::CONTRACT;
    vec![site("sell", emits(shop, "orders_total")), site("count", emits(shop, "orders"))]
}

fn evaluate(sites: Option<Vec<&'static Site>>, contracts: Vec<&'static Contract>) -> Coverage {
    Coverage::evaluate(&shop::CONTRACT, &Evidence { sites, contracts }, &[])
}

fn rules(coverage: &Coverage) -> Vec<(&str, &str)> {
    coverage.findings().iter().map(|finding| (finding.rule, finding.subject.as_str())).collect()
}

#[test]
fn a_complete_binary_has_no_findings() {
    let coverage = evaluate(Some(complete()), vec![&shop::CONTRACT]);
    assert_eq!(rules(&coverage), []);
    coverage.assert(Rung::Linked);
    assert!(coverage.to_string().contains("    shop::till::sell src/till.rs:7\n"), "{coverage}");
}

#[test]
fn a_lost_section_is_one_finding_and_not_one_for_each_metric() {
    let coverage = evaluate(None, Vec::new());
    assert_eq!(rules(&coverage), [("linkage-lost", "shop")]);
    assert!(std::panic::catch_unwind(|| coverage.assert(Rung::Declared)).is_err());
}

#[test]
fn an_empty_section_is_not_a_lost_one() {
    let coverage = evaluate(Some(Vec::new()), Vec::new());
    assert_eq!(rules(&coverage), [("metric-without-site", "orders_total"), ("metric-without-site", "orders")]);
}

#[test]
fn a_site_of_a_metric_that_the_contract_does_not_have_is_found() {
    let mut sites = complete();
    sites.push(site("give_back", emits(&later::CONTRACT, "returns_total")));
    let coverage = evaluate(Some(sites), Vec::new());
    assert_eq!(rules(&coverage), [("unknown-metric", "returns_total")]);
    let message = &coverage.findings()[0].message;
    assert_eq!(message, "shop::till::give_back src/till.rs:7 emits it, and shop 1.0.0 has no such metric");
}

#[test]
fn an_extern_list_that_differs_is_found() {
    let mut sites = complete();
    let orders = metric(&shop::CONTRACT, "orders_total");
    sites[0] = site("sell", Emits::by_another_library(orders, &["till"], &[9]));
    let coverage = evaluate(Some(sites), Vec::new());
    assert_eq!(rules(&coverage), [("extern-labels-differ", "orders_total")]);
    assert!(coverage.findings()[0].message.ends_with("lacks `side` and has `till` too many"), "{coverage}");
}

#[test]
fn two_contracts_that_define_a_name_differently_are_found() {
    let coverage = evaluate(Some(complete()), vec![&shop::CONTRACT, &later::CONTRACT]);
    assert_eq!(rules(&coverage), [("contract-linked-twice", "shop"), ("conflicting-contracts", "orders_total")]);
    let message = &coverage.findings()[1].message;
    assert!(message.contains("shop 2.0.0, in the same binary, declares it otherwise at"), "{message}");
}

/// The name and the contract's name are those of the shop, and the family is not.
#[test]
fn what_is_recorded_into_a_twin_does_not_count() {
    let mut sites = complete();
    sites[0] = site("sell", emits(&later::CONTRACT, "orders_total"));
    let coverage = evaluate(Some(sites), vec![&later::CONTRACT]);
    assert_eq!(coverage.metric("orders_total").map(MetricCoverage::rung), Some(Rung::Declared));
    assert!(rules(&coverage).contains(&("contract-linked-twice", "shop")), "{coverage}");
}

#[test]
fn a_metric_that_another_library_records_too_is_a_warning() {
    let mut sites = complete();
    let orders = metric(&shop::CONTRACT, "orders_total");
    sites.push(site("sell_elsewhere", Emits::by_another_library(orders, &["side"], &[9])));
    let coverage = evaluate(Some(sites), Vec::new());
    assert_eq!(rules(&coverage), [("recorded-twice", "orders_total")]);
    assert!(!coverage.has_errors());
}

#[test]
fn an_emission_that_is_configured_out_is_none() {
    let mut sites = complete();
    sites[1] = site("count", Emits::new(metric(&shop::CONTRACT, "orders"), &[]));
    assert_eq!(rules(&evaluate(Some(sites), Vec::new())), [("metric-without-site", "orders")]);
}

#[test]
fn a_site_in_a_module_called_tests_does_not_count() {
    let origin = Origin { module: "shop::till::tests", ..ORIGIN };
    let emissions = Box::leak(Box::new([emits(&shop::CONTRACT, "orders")]));
    let in_tests: &'static Site = Box::leak(Box::new(Site::new(origin, emissions)));
    let sold = site("sell", emits(&shop::CONTRACT, "orders_total"));
    assert_eq!(rules(&evaluate(Some(vec![sold, in_tests]), Vec::new())), [("metric-without-site", "orders")]);
    // A crate may be called `tests`; its code is not test code for that.
    let origin = Origin { module: "tests::till", ..ORIGIN };
    let emissions = Box::leak(Box::new([emits(&shop::CONTRACT, "orders")]));
    let in_crate: &'static Site = Box::leak(Box::new(Site::new(origin, emissions)));
    assert_eq!(rules(&evaluate(Some(vec![sold, in_crate]), Vec::new())), []);
}

#[test]
fn the_fingerprint_changes_with_the_promise_alone() {
    assert_ne!(shop::CONTRACT.fingerprint(), later::CONTRACT.fingerprint());
    assert_eq!(shop::CONTRACT.fingerprint(), shop::CONTRACT.fingerprint());
    // A value of the closed set is used, or the compiler would say that it is not.
    assert_eq!(Side::Left.as_str(), "left");
}
