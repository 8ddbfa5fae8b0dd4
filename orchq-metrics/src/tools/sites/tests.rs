//! The rules on records written by hand.

#![expect(clippy::octal_escapes, reason = "a digit behind a NUL is where the next field begins")]

use std::hash::{DefaultHasher, Hash, Hasher};

use super::binary::from_records;
use super::{Binary, Listing, check, contracts};
use crate::contract::owned::{OwnedContract, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::desc::MetricKind;
use crate::report::finding::Finding;
use crate::tools::binary::read_section;

fn metric(name: &str, kind: MetricKind, labels: &[(&str, bool)]) -> OwnedMetric {
    let label = |(name, conditional): &(&str, bool)| OwnedLabel {
        name: (*name).to_owned(),
        values: OwnedValues::Open { budget: 8 },
        conditional: *conditional,
        conditions: Vec::new(),
    };
    OwnedMetric {
        name: name.to_owned(),
        kind,
        unit: "1".to_owned(),
        stated_range: None,
        help: "Help.".to_owned(),
        section: "Metrics".to_owned(),
        requirement: None,
        labels: labels.iter().map(label).collect(),
        buckets: Vec::new(),
        series_limit: 10,
        renamed_from: None,
        deprecated: None,
    }
}

fn shop() -> OwnedContract {
    OwnedContract {
        name: "shop".to_owned(),
        version: "1.0.0".to_owned(),
        doc: String::new(),
        metrics: vec![
            metric("orders_total", MetricKind::Counter, &[("side", false), ("coupon", true)]),
            metric("stock", MetricKind::Gauge, &[]),
        ],
    }
}

const CANARY: &str = "\norchq-metrics 1 site\0orchq-metrics\00.1.0\0orchq_metrics::site\0\0site.rs\0false\00\0";
const ORDERS: &str = "shop\01.0.0\0orders_total\0counter\02\0side\0required\0coupon\0conditional\0";
const STOCK: &str = "shop\01.0.0\0stock\0gauge\00\0";

/// A function that records one metric on line 7.
fn site(function: &str, listed: &str) -> String {
    emitted(function, "own\07 \0", listed)
}

fn emitted(function: &str, entry: &str, listed: &str) -> String {
    let mut hasher = DefaultHasher::new();
    listed.hash(&mut hasher);
    let id = format!("{:016x}", hasher.finish());
    format!(
        "\norchq-metrics 1 site\0till\00.3.0\0till::desk\0{function}\0src/desk.rs\0false\01\0{entry}{id}\0\
        \norchq-metrics 1 metric\0{id}\0{listed}"
    )
}

/// The contract's record, written by hand as `crate::record` does.
fn contract(contract: &OwnedContract) -> String {
    let mut text = format!(
        "\norchq-metrics 1 contract\0{}\0{}\0\0shop\0{}\0",
        contract.name,
        contract.version,
        contract.metrics.len()
    );
    for metric in &contract.metrics {
        let (name, kind, unit) = (&metric.name, metric.kind, &metric.unit);
        text += &format!("{name}\0{kind}\0{unit}\0Help.\0Metrics\00\010\0{}\0", metric.labels.len());
        for label in &metric.labels {
            let conditional = if label.conditional { "conditional" } else { "required" };
            text += &format!("{}\0{conditional}\0open\08\00\0", label.name);
        }
        text += "0\00\00\00\0";
    }
    text
}

fn binary(name: &str, records: &[String]) -> Binary {
    let content = [&[CANARY.to_owned()], records].concat().concat();
    from_records(name, read_section(content.as_bytes()).expect("this format"))
}

/// Both metrics, recorded by one binary each.
fn complete() -> [Binary; 2] {
    let contract = contract(&shop());
    [binary("server", &[contract.clone(), site("sell", ORDERS)]), binary("worker", &[contract, site("count", STOCK)])]
}

fn rules(findings: &[Finding]) -> Vec<(&str, &str)> {
    findings.iter().map(|finding| (&*finding.rule, finding.subject.as_str())).collect()
}

#[track_caller]
fn expect(binaries: &[Binary], rule: (&str, &str), message: &str) {
    let report = check(Some(&shop()), binaries);
    assert_eq!(rules(&report.findings), [rule], "{:#?}", report.findings);
    assert_eq!(report.findings[0].message, message);
}

#[test]
fn several_binaries_together_cover_the_contract() {
    let report = check(Some(&shop()), &complete());
    assert_eq!(rules(&report.findings), []);
    assert_eq!(report.examined, 6);
    let [server, worker] = complete();
    expect(&[server], ("metric-without-site", "stock"), "no function in server emits it");
    expect(&[worker], ("metric-without-site", "orders_total"), "no function in worker emits it");
}

#[test]
fn a_binary_is_checked_against_the_contract_that_it_holds() {
    assert_eq!(contracts(&complete()), [shop()]);
    assert_eq!(check(None, &complete()[..1]).findings[0].subject, "stock");
    // Without one, it is the built-in one.
    assert_eq!(contracts(&[binary("tool", &[])])[0].name, "orchqueue");
    assert_eq!(check(None, &[binary("tool", &[])]).findings.len(), crate::v1::CONTRACT.metrics().len());
}

#[test]
fn test_code_alone_does_not_cover() {
    let [server, _] = complete();
    let in_tests = site("count", STOCK).replace("till::desk", "till::desk::tests");
    expect(
        &[server, binary("worker", &[in_tests])],
        ("metric-without-site", "stock"),
        "only test code emits it: src/desk.rs:7 till::desk::tests::count (till 0.3.0) (test code, not counted) in worker",
    );
}

#[test]
fn a_binary_of_another_making_was_not_examined() {
    let other = from_records("ls", crate::tools::binary::Records::default());
    let report = check(Some(&shop()), std::slice::from_ref(&other));
    assert_eq!((rules(&report.findings), report.examined), (vec![("no-records", "ls")], 0));
    let [server, worker] = complete();
    let report = check(Some(&shop()), &[server, worker, other]);
    assert_eq!(rules(&report.findings), [("no-records", "ls")]);
}

#[test]
fn a_binary_that_lost_records_says_nothing_about_metrics() {
    let lost = read_section(site("sell", ORDERS).as_bytes()).expect("this format").linked();
    let report = check(Some(&shop()), &[from_records("server", lost)]);
    assert_eq!(rules(&report.findings), [("linkage-lost", "server")]);
}

#[test]
fn a_damaged_record_is_one_finding() {
    let [server, _] = complete();
    let cut_off = STOCK.replace("\00\0", "\0");
    expect(
        &[server, binary("worker", &[site("count", &cut_off)])],
        ("damaged-record", "worker"),
        // The metric, and with it the site that names it.
        "2 of its records cannot be read",
    );
}

#[test]
fn a_metric_that_the_contract_does_not_have_is_found() {
    let [server, worker] = complete();
    let later = ORDERS.replace("orders_total", "order_total").replace("1.0.0", "1.1.0");
    expect(
        &[server, worker, binary("new", &[site("sell_more", &later)])],
        ("unknown-metric", "order_total"),
        "src/desk.rs:7 till::desk::sell_more (till 0.3.0) in new emits it, built against shop 1.1.0, and shop 1.0.0 has no \
         such metric; did you mean `orders_total`?",
    );
}

#[test]
fn a_metric_of_another_contract_does_not_count() {
    let [server, worker] = complete();
    let other = STOCK.replace("shop", "bar");
    assert_eq!(rules(&check(Some(&shop()), &[server, worker, binary("bar", &[site("pour", &other)])]).findings), []);
}

#[test]
fn a_site_that_was_compiled_otherwise_is_found() {
    let [server, worker] = complete();
    let otherwise = "shop\00.9.0\0orders_total\0gauge\02\0sides\0required\0coupon\0required\0";
    expect(
        &[server, worker, binary("old", &[site("sell", otherwise)])],
        ("site-differs", "orders_total"),
        "src/desk.rs:7 till::desk::sell (till 0.3.0) in old emits it, built against shop 0.9.0, as a gauge, where it is a \
         counter, without `side`, with `coupon` required, with `sides`, which it does not have; did you mean `side`?",
    );
}

#[test]
fn an_extern_list_that_differs_is_found() {
    let contract = contract(&shop());
    let listed = emitted("sell", "extern\09\02\0coupon\0till\0", ORDERS);
    expect(
        &[binary("server", &[contract, listed, site("count", STOCK)])],
        ("extern-labels-differ", "orders_total"),
        "the `extern` list at src/desk.rs:9 till::desk::sell (till 0.3.0) (extern) in server lacks `side` and has the \
         unknown label `till`",
    );
}

#[test]
fn what_one_binary_records_in_two_ways_is_found() {
    let [_, worker] = complete();
    let theirs = emitted("sell_elsewhere", "extern\09\01\0side\0", ORDERS);
    expect(
        &[binary("server", &[site("sell", ORDERS), theirs.clone()]), worker],
        ("recorded-twice", "orders_total"),
        "src/desk.rs:7 till::desk::sell (till 0.3.0) records it in server, and so does another library at \
         src/desk.rs:9 till::desk::sell_elsewhere (till 0.3.0) (extern)",
    );
    // Two binaries are two scrapes.
    let [server, worker] = complete();
    assert_eq!(rules(&check(Some(&shop()), &[server, worker, binary("third", &[theirs])]).findings), []);
}

#[test]
fn a_contract_that_is_linked_twice_is_found() {
    let [_, worker] = complete();
    let (once, mut later) = (contract(&shop()), shop());
    later.version = "1.0.0+other".to_owned();
    let server = binary("server", &[once, contract(&shop()), site("sell", ORDERS)]);
    expect(
        &[server, worker],
        ("contract-linked-twice", "shop"),
        "server holds it 2 times: version 1.0.0, version 1.0.0",
    );
}

#[test]
fn a_contract_that_differs_is_found_and_named() {
    let mut later = shop();
    later.version = "2.0.0".to_owned();
    later.metrics[0].labels.truncate(1);
    later.metrics[1].kind = MetricKind::Histogram;
    later.metrics.push(metric("returns_total", MetricKind::Counter, &[]));
    let all = [contract(&later), site("sell", ORDERS), site("count", STOCK)];
    expect(
        &[binary("server", &all)],
        ("contract-differs", "shop"),
        "server holds version 2.0.0, checked against 1.0.0: the binary changes `orders_total` (label `coupon` removed: \
         conditional, any of up to 8), `stock` (kind changed: gauge -> histogram), `returns_total` (added: counter without labels)",
    );
    let mut renumbered = shop();
    renumbered.version = "1.0.1".to_owned();
    let all = [contract(&renumbered), site("sell", ORDERS), site("count", STOCK)];
    expect(
        &[binary("server", &all)],
        ("contract-version-differs", "shop"),
        "server holds version 1.0.1, checked against 1.0.0",
    );
}

#[test]
fn binaries_that_hold_different_contracts_are_found() {
    let mut later = shop();
    later.metrics.truncate(1);
    later.version = "1.1.0".to_owned();
    let [server, worker] = complete();
    let report = check(Some(&shop()), &[server, worker, binary("new", &[contract(&later)])]);
    assert_eq!(rules(&report.findings), [("binaries-disagree", "shop"), ("contract-differs", "shop")]);
    let message = "server holds version 1.0.0, and new holds version 1.1.0, which changes `stock` (removed: gauge without labels)";
    assert_eq!(report.findings[0].message, message);
}

#[test]
fn the_listing_says_where_each_metric_is_recorded() {
    let text = Listing::new(&shop(), &complete()).to_string();
    let expected = "contract shop 1.0.0: 2 metrics, 2 with a site\n\n\
        metric        kind       sites\n\
        orders_total  counter    1\n    server\n        src/desk.rs:7 till::desk::sell (till 0.3.0)\n\
        stock         gauge      1\n    worker\n        src/desk.rs:7 till::desk::count (till 0.3.0)\n";
    assert_eq!(text, expected);
}
