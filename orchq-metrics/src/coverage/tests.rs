//! The rules on evidence made by hand, for cases that no real build has.

use super::*;
use crate::contract;
use crate::emit::metric_ref::{Emits, MetricRef};
use crate::emit::site::Site;
use crate::emit::site_record::Origin;
use crate::macros::Label;

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

    /// The same contract a second time.
    pub(super) fn twin() -> Contract {
        Contract::new("shop", "1.0.0", "", None, &[crate::emit::metric::any_family::<orders>], &[])
    }
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

const ORIGIN: Origin<'static> = Origin {
    krate: "shop",
    version: "0.1.0",
    module: "shop::till",
    function: "count",
    file: "src/till.rs",
    in_test: false,
};

fn site(function: &'static str, emits: Emits) -> &'static Site {
    Box::leak(Box::new(Site::new(Origin { function, ..ORIGIN }, vec![emits])))
}

fn metric(contract: &'static Contract, name: &str) -> MetricRef {
    let family = contract.family_pointers().find(|family| family().desc().name == name).expect("declared above");
    MetricRef::new(family)
}

fn recorded(metric: MetricRef, lines: &'static [u32]) -> Emits {
    Emits::made_by_hand(metric, lines, None)
}

fn recorded_elsewhere(metric: MetricRef, labels: &'static [&'static str]) -> Emits {
    Emits::made_by_hand(metric, &[9], Some(labels))
}

fn emits(contract: &'static Contract, name: &str) -> Emits {
    recorded(metric(contract, name), &[7])
}

/// Both metrics of the shop, recorded.
fn complete() -> Vec<&'static Site> {
    let shop = &shop::CONTRACT;
    vec![site("sell", emits(shop, "orders_total")), site("count", emits(shop, "orders"))]
}

fn mark_hit(site: &Site) {
    site.emissions().for_each(Emits::mark_hit);
}

fn in_module(module: &'static str, emits: Emits) -> &'static Site {
    Box::leak(Box::new(Site::new(Origin { module, ..ORIGIN }, vec![emits])))
}

fn exempted(metric: &'static str, expectation: Expectation, sites: Vec<&'static Site>) -> Coverage {
    let family = self::metric(&shop::CONTRACT, metric).id();
    let exemptions = [Exemption { metric, expectation, reason: "so it is".to_owned(), family }];
    Coverage::evaluate(&shop::CONTRACT, &Evidence::of_process(&shop::CONTRACT, Some(&sites), &[], &exemptions))
}

fn rung(coverage: &Coverage, name: &str) -> Rung {
    coverage.metric(name).expect("declared above").rung
}

fn evaluate(sites: Option<Vec<&'static Site>>, contracts: Vec<&'static Contract>) -> Coverage {
    Coverage::evaluate(&shop::CONTRACT, &Evidence::of_process(&shop::CONTRACT, sites.as_deref(), &contracts, &[]))
}

fn rules(coverage: &Coverage) -> Vec<(&str, &str)> {
    coverage.findings.iter().map(|finding| (&*finding.rule, finding.subject.as_str())).collect()
}

#[test]
fn a_complete_binary_has_no_findings() {
    let coverage = evaluate(Some(complete()), vec![&shop::CONTRACT]);
    assert_eq!(rules(&coverage), []);
    coverage.assert(Rung::Linked);
    assert!(coverage.to_string().contains("    src/till.rs:7 shop::till::sell\n"), "{coverage}");
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
    let message = &coverage.findings[0].message;
    assert_eq!(message, "src/till.rs:7 shop::till::give_back emits it, and shop 1.0.0 has no such metric");
}

#[test]
fn an_extern_list_that_differs_is_found() {
    let mut sites = complete();
    let orders = metric(&shop::CONTRACT, "orders_total");
    sites[0] = site("sell", recorded_elsewhere(orders, &["till"]));
    let coverage = evaluate(Some(sites), Vec::new());
    assert_eq!(rules(&coverage), [("extern-labels-differ", "orders_total")]);
    assert!(coverage.findings[0].message.ends_with("lacks `side` and has the unknown label `till`"), "{coverage}");
}

#[test]
fn two_contracts_that_define_a_name_differently_are_found() {
    let coverage = evaluate(Some(complete()), vec![&shop::CONTRACT, &later::CONTRACT]);
    assert_eq!(rules(&coverage), [("contract-linked-twice", "shop"), ("conflicting-contracts", "orders_total")]);
    let message = &coverage.findings[1].message;
    assert!(message.contains("shop 2.0.0, in the same binary, declares it differently at"), "{message}");
}

/// The metric's and the contract's name are those of the shop, but the family is another.
#[test]
fn recordings_into_a_twin_do_not_count() {
    let mut sites = complete();
    sites[0] = site("sell", emits(&later::CONTRACT, "orders_total"));
    let coverage = evaluate(Some(sites), vec![&later::CONTRACT]);
    assert_eq!(coverage.metric("orders_total").map(|metric| metric.rung), Some(Rung::Declared));
    assert!(rules(&coverage).contains(&("contract-linked-twice", "shop")), "{coverage}");
}

#[test]
fn a_metric_that_another_library_records_too_is_a_warning() {
    let mut sites = complete();
    let orders = metric(&shop::CONTRACT, "orders_total");
    sites.push(site("sell_elsewhere", recorded_elsewhere(orders, &["side"])));
    let coverage = evaluate(Some(sites), Vec::new());
    assert_eq!(rules(&coverage), [("recorded-twice", "orders_total")]);
    assert!(!coverage.has_errors());
}

#[test]
fn an_emission_that_is_configured_out_does_not_count() {
    let mut sites = complete();
    sites[1] = site("count", recorded(metric(&shop::CONTRACT, "orders"), &[]));
    assert_eq!(rules(&evaluate(Some(sites), Vec::new())), [("metric-without-site", "orders")]);
}

#[test]
fn assert_wants_every_metric_on_the_rung() {
    let sites = complete();
    mark_hit(sites[0]);
    let coverage = evaluate(Some(sites), Vec::new());
    assert_eq!((rung(&coverage, "orders_total"), rung(&coverage, "orders")), (Rung::Hit, Rung::Linked));
    let panic = std::panic::catch_unwind(|| coverage.assert(Rung::Hit)).expect_err("one is linked alone");
    let message = panic.downcast_ref::<String>().expect("a message");
    let wanted = "1 of 2 metrics not hit: orders\n  help: drive the code that records it in this test, or excuse it with \
                  `check().expect_unhit::<orders>(\"why\")`\n\n";
    assert!(message.starts_with(wanted), "{message}");
    assert!(message.contains("2 metrics, 2 linked, 1 hit\n"), "{message}");
}

#[test]
fn one_site_that_records_is_enough_and_one_in_a_test_is_not() {
    let mut sites = complete();
    let recorded_by_a_test = in_module("shop::till::tests", emits(&shop::CONTRACT, "orders"));
    mark_hit(recorded_by_a_test);
    sites.push(recorded_by_a_test);
    assert_eq!(rung(&evaluate(Some(sites.clone()), Vec::new()), "orders"), Rung::Linked);
    let second = site("count_again", emits(&shop::CONTRACT, "orders"));
    mark_hit(second);
    sites.push(second);
    assert_eq!(rung(&evaluate(Some(sites), Vec::new()), "orders"), Rung::Hit);
}

#[test]
fn an_exemption_excuses_its_metric_from_what_it_says_and_no_other() {
    let elsewhere = exempted("orders", Expectation::Elsewhere, Vec::new());
    assert_eq!(rules(&elsewhere), [("metric-without-site", "orders_total")]);
    assert_eq!(elsewhere.below(Rung::Hit).map(MetricCoverage::name).collect::<Vec<_>>(), ["orders_total"]);
    // A metric that cannot be recorded here still needs a site here.
    let unhit = exempted("orders", Expectation::Unhit, vec![complete()[0]]);
    assert_eq!(rules(&unhit), [("metric-without-site", "orders")]);
    let linked = exempted("orders", Expectation::Unhit, complete());
    assert_eq!(linked.below(Rung::Hit).map(MetricCoverage::name).collect::<Vec<_>>(), ["orders_total"]);
    assert!(linked.to_string().contains("    expected to record nothing: so it is\n"), "{linked}");
}

/// The name is the shop's, but the metric is another.
#[test]
fn an_exemption_of_another_contracts_metric_excuses_nothing() {
    let family = metric(&later::CONTRACT, "orders_total").id();
    let reason = "so it is".to_owned();
    let exemptions = [Exemption { metric: "orders_total", expectation: Expectation::Elsewhere, reason, family }];
    let sites = [complete()[1]];
    let evidence = Evidence::of_process(&shop::CONTRACT, Some(&sites), &[], &exemptions);
    let coverage = Coverage::evaluate(&shop::CONTRACT, &evidence);
    let expected = [("metric-without-site", "orders_total"), ("stale-exemption", "orders_total")];
    assert_eq!(rules(&coverage), expected, "{coverage}");
}

#[test]
fn an_extern_emission_in_a_test_is_not_a_second_recording() {
    let mut sites = complete();
    let orders = metric(&shop::CONTRACT, "orders_total");
    sites.push(in_module("shop::test", recorded_elsewhere(orders, &["side"])));
    assert_eq!(rules(&evaluate(Some(sites), Vec::new())), []);
}

#[test]
fn a_twin_is_one_finding() {
    let twin: &'static Contract = Box::leak(Box::new(shop::twin()));
    let coverage = evaluate(Some(complete()), vec![&shop::CONTRACT, twin]);
    assert_eq!(rules(&coverage), [("contract-linked-twice", "shop")]);
}

#[test]
fn findings_say_how_bad_they_are_and_what_helps() {
    let coverage = evaluate(Some(Vec::new()), Vec::new());
    let finding = &coverage.findings[0];
    assert!(finding.to_string().starts_with("error[metric-without-site] orders_total: no function"), "{finding}");
    assert!(coverage.to_string().contains("\n  help: annotate the function that records it"), "{coverage}");
}

#[test]
fn a_site_in_a_module_called_tests_does_not_count() {
    let sold = site("sell", emits(&shop::CONTRACT, "orders_total"));
    for module in ["shop::till::tests", "shop::test::till"] {
        let in_tests = in_module(module, emits(&shop::CONTRACT, "orders"));
        let coverage = evaluate(Some(vec![sold, in_tests]), Vec::new());
        assert_eq!(rules(&coverage), [("metric-without-site", "orders")], "{module}");
    }
    // The code of a crate named `tests` is not test code for that reason.
    let in_crate = in_module("tests::till", emits(&shop::CONTRACT, "orders"));
    assert_eq!(rules(&evaluate(Some(vec![sold, in_crate]), Vec::new())), []);
}

#[test]
fn the_fingerprint_changes_with_the_promise_alone() {
    assert_ne!(shop::CONTRACT.fingerprint(), later::CONTRACT.fingerprint());
    assert_eq!(shop::CONTRACT.fingerprint(), shop::CONTRACT.fingerprint());
    // A value of the closed set is used, or the compiler would say that it is not.
    assert_eq!(Side::Left.as_str(), "left");
}

#[test]
fn a_binary_without_a_contract_has_no_metric_that_is_linked() {
    assert_eq!(shortfall(Rung::Linked, &[], 0), "no metric is linked, because this binary has no contract");
}
