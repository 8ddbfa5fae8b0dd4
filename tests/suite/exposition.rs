//! The two expositions give the same families, and both keep the rules of the format.

use std::collections::BTreeSet;

use fixtures::contracts::{Color, Place, Text, shapes_contract, units};
use orchq_metrics::{contract, emits, text};
use prometheus::Registry;

use crate::gathered;

#[emits(units::unit_count_total, units::unit_latency_ms, units::unit_ratio)]
fn record(name: &str) {
    let text = Text::new(name);
    units::unit_count_total { place: Place { color: Color::Blue, text: Some(text) } }.inc();
    units::unit_latency_ms { text }.observe(std::time::Duration::from_millis(3));
    units::unit_ratio { text }.set(0.125);
}

/// The families of an exposition: the header lines of each, and its samples in any order.
/// Only samples of this test are kept, because others run beside it.
fn families(text: &str, mark: &str) -> BTreeSet<String> {
    text.lines().filter(|line| line.starts_with('#') || line.contains(mark)).map(str::to_owned).collect()
}

#[test]
fn registry_and_text_give_the_same_families() {
    record("same");
    let registry = Registry::new();
    units::CONTRACT.register(&registry).expect("an empty registry");
    let ours = families(&text::encode(&units::CONTRACT), "same");
    let theirs = families(&gathered(&registry), "same");
    // A family that another test begins in between is in only one of the two.
    let missing: Vec<_> = ours.symmetric_difference(&theirs).filter(|line| !line.starts_with('#')).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    assert_eq!(ours.iter().filter(|line| line.contains("same")).count(), 7);
    for header in ["# HELP unit_ratio A ratio.", "# TYPE unit_latency_ms histogram", "# TYPE unit_count_total counter"]
    {
        assert!(ours.contains(header) && theirs.contains(header), "{header}");
    }
}

#[test]
fn help_type_and_labels_are_escaped() {
    record("quote\" back\\ line\n é");
    let text = text::encode(&units::CONTRACT);
    // Only `\` and a line feed are escaped in a help text, and the first paragraph is one line.
    assert!(text.contains(
        "# HELP unit_count_total A count: \"quotes\" stay, a back\\\\slash and the second \
         line of the comment's first paragraph do not break the exposition.\n# TYPE unit_count_total counter\n"
    ));
    assert!(text.contains(r#"unit_ratio{text="quote\" back\\ line\n é"} 0.125"#), "{text}");
}

#[test]
fn the_contract_identifies_itself() {
    let text = text::encode(&units::CONTRACT);
    let fingerprint = units::CONTRACT.fingerprint();
    assert_eq!(fingerprint.len(), 16);
    let line = format!(
        "orchq_metrics_contract_info{{contract=\"units\",version=\"2.3.4\",fingerprint=\"{fingerprint}\"}} 1\n"
    );
    assert!(text.contains(&line), "{text}");
    assert!(text.ends_with('\n'));
    assert_ne!(fingerprint, shapes_contract::CONTRACT.fingerprint());
}

/// Two contracts that promise the same, each with a label type of its own.
macro_rules! twin {
    ($module:ident, $version:literal) => {
        mod $module {
            use orchq_metrics::{Label, Symbol, contract, emits};

            #[derive(Clone, Copy, Label)]
            #[label(budget = 8)]
            pub struct Tenant(Symbol);

            #[contract(name = "twin", version = $version)]
            pub mod metrics {
                use super::Tenant;

                /// Requests.
                #[counter(unit = "{request}")]
                pub struct twin_requests_total {
                    tenant: Tenant,
                }
            }

            #[emits(metrics::twin_requests_total)]
            pub fn count(tenant: &str, n: u64) {
                metrics::twin_requests_total { tenant: Tenant::new(tenant) }.inc_by(n);
            }
        }
    };
}

twin!(twin_one, "1.0.0");
twin!(twin_two, "1.0.1");

#[test]
fn families_under_one_name_keep_the_values_of_their_own_labels() {
    twin_one::count("alice", 1);
    twin_two::count("bob", 10);
    twin_two::count("carol", 100);
    twin_two::count("alice", 1000);
    // Registered one after the other, or together, they are one family of a registry too.
    let (one, two) = (&twin_one::metrics::CONTRACT, &twin_two::metrics::CONTRACT);
    let registry = Registry::new();
    one.register(&registry).expect("an empty registry");
    two.register(&registry).expect("the same promise");
    for text in [text::encode(&[one, two]), gathered(&registry)] {
        for series in [r#"{tenant="alice"} 1001"#, r#"{tenant="bob"} 10"#, r#"{tenant="carol"} 100"#] {
            assert!(text.contains(&format!("twin_requests_total{series}\n")), "{text}");
        }
        assert_eq!(text.matches("\ntwin_requests_total{").count(), 3, "{text}");
        assert_eq!(text.matches("contract=\"twin\"").count(), 2, "{text}");
    }
    assert!(two.register(&registry).is_err(), "it is there already");
    // Another registry has its own.
    let other = Registry::new();
    two.register(&other).expect("an empty registry");
    assert!(gathered(&other).contains(r#"twin_requests_total{tenant="alice"} 1000"#));
}

/// The same promise under the same name as in `units`, and another promise in one case.
#[contract(name = "rival", version = "1.0.0")]
mod rival {
    use super::*;

    /// A ratio.
    #[gauge(unit = "ratio")]
    pub struct unit_ratio {
        text: Text,
    }

    /// Not what `units` says.
    #[gauge(unit = "bytes")]
    pub struct unit_balance {}

    /// Milliseconds.
    #[histogram(unit = "milliseconds", buckets = [1.5, 10.0])]
    pub struct unit_latency_ms {
        text: Text,
    }
}

#[emits(rival::unit_ratio, rival::unit_balance, rival::unit_latency_ms)]
fn record_rival() {
    let rivalled = Text::new("rivalled");
    rival::unit_ratio { text: rivalled }.set(0.5);
    rival::unit_latency_ms { text: rivalled }.observe(std::time::Duration::from_millis(2));
    rival::unit_ratio { text: Text::new("rival") }.set(0.25);
    rival::unit_balance {}.set(7);
}

#[emits(units::unit_balance)]
fn record_balance() {
    units::unit_balance { text: Text::new("rival") }.set(8);
}

#[test]
fn a_name_is_one_family_whatever_the_contracts() {
    record("rivalled");
    record_rival();
    record_balance();
    let text = text::encode(&[&units::CONTRACT, &rival::CONTRACT, &rival::CONTRACT]);
    for header in ["# TYPE unit_ratio gauge\n", "# TYPE unit_balance gauge\n"] {
        assert_eq!(text.matches(header).count(), 1, "{text}");
    }
    assert!(
        text.contains("unit_ratio{text=\"rivalled\"} 0.125\n") && text.contains("unit_ratio{text=\"rival\"} 0.25\n")
    );
    assert!(text.contains("unit_balance{text=\"rival\"} 8\n") && !text.contains("unit_balance 7\n"), "{text}");
    // The self-check reports what is defined differently, and a scrape counts it.
    let findings = units::CONTRACT.check().coverage();
    let conflicts = findings.findings.iter().filter(|finding| finding.rule == "conflicting-contracts");
    let conflicts: Vec<_> = conflicts.map(|finding| finding.subject.as_str()).collect();
    assert_eq!(conflicts, ["unit_balance"]);
    let violation = r#"orchq_metrics_violations_total{metric="unit_balance",kind="conflicting_contracts"} "#;
    assert!(text.contains(violation), "{text}");
}

#[test]
fn a_registry_takes_one_definition_of_a_name() {
    let registry = Registry::new();
    units::CONTRACT.register(&registry).expect("an empty registry");
    let error = rival::CONTRACT.register(&registry).expect_err("`unit_balance` is another metric").to_string();
    for part in ["`unit_balance`", "rival 1.0.0 (tests/suite/exposition.rs:", "units 2.3.4 (tests/src/contracts.rs:"] {
        assert!(error.contains(part), "{error}");
    }
    let text = gathered(&registry);
    assert!(!text.contains(r#"contract="rival""#), "nothing of it was registered: {text}");
    assert!(text.contains(r#"{metric="unit_balance",kind="conflicting_contracts"}"#), "{text}");
    // And all contracts of this binary together have this conflict, or the one of `lifecycle`.
    let error = orchq_metrics::contracts().register(&Registry::new()).expect_err("rival and units").to_string();
    assert!(error.contains("`unit_balance`") || error.contains("`life_lent_total`"), "{error}");
}

#[test]
fn two_contracts_share_a_scrape_and_a_registry() {
    let text = text::encode(&[&units::CONTRACT, &shapes_contract::CONTRACT]);
    assert_eq!(text.matches("# TYPE orchq_metrics_contract_info gauge\n").count(), 1);
    assert_eq!(text.matches("\norchq_metrics_contract_info{").count(), 2);

    let registry = Registry::new();
    units::CONTRACT.register(&registry).expect("an empty registry");
    shapes_contract::CONTRACT.register(&registry).expect("another contract");
    assert_eq!(gathered(&registry).matches("\norchq_metrics_contract_info{").count(), 2);
    assert!(units::CONTRACT.register(&registry).is_err(), "the same contract twice");
}

/// `shape_foreign_calls_total` is adopted: the raw vector and the contract live in one registry.
#[test]
fn an_adopted_metric_is_left_to_the_library_that_records_it() {
    let registry = Registry::new();
    let opts = prometheus::Opts::new("shape_foreign_calls_total", "Calls that another library counts.");
    let raw = prometheus::IntCounterVec::new(opts, &["color"]).expect("valid");
    registry.register(Box::new(raw.clone())).expect("an empty registry");
    shapes_contract::CONTRACT.register(&registry).expect("the adopted name is not claimed twice");
    fixtures::shapes::foreign(|place| raw.with_label_values(&[place.color.as_str()]).inc());
    let text = gathered(&registry);
    assert_eq!(text.matches("# TYPE shape_foreign_calls_total counter").count(), 1);
    assert!(text.contains("shape_foreign_calls_total{color=\"red\"} 1"), "{text}");
}

/// Only adopted metrics may be served by another library; every other name is the contract's.
#[test]
fn a_name_of_the_contract_cannot_be_taken_twice() {
    let registry = Registry::new();
    let taken = prometheus::IntGauge::new("shape_calls", "Of another crate.").expect("valid");
    registry.register(Box::new(taken)).expect("an empty registry");
    let error = shapes_contract::CONTRACT.register(&registry).expect_err("a name is taken").to_string();
    assert!(error.contains("another collector of this registry has `shape_calls`"), "{error}");
    // The same, where the other collector has the contract's labels and help text.
    let registry = Registry::new();
    let same = shapes_contract::CONTRACT.metrics().find(|metric| metric.name == "shape_calls").expect("declared");
    let opts = prometheus::Opts::new(same.name, same.help);
    let labels: Vec<&str> = same.labels.iter().map(|label| label.name).collect();
    registry
        .register(Box::new(prometheus::IntGaugeVec::new(opts, &labels).expect("valid")))
        .expect("an empty registry");
    let error = shapes_contract::CONTRACT.register(&registry).expect_err("a name is taken").to_string();
    assert!(error.contains("`adopt::<shape_calls>(&collector)` before `register`"), "{error}");
}
