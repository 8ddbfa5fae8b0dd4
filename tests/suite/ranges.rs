//! Values of another type or in another range than those of their unit.

use fixtures::contracts::Text;
use fixtures::contracts::values::*;
use orchq_metrics::{OwnedContract, emits, text};

use crate::lint::linted;

/// The value of one series, by the text up to the space.
fn value(series: &str) -> Option<f64> {
    let text = text::encode(&CONTRACT);
    let line = text.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

fn violations(metric: &str, kind: &str) -> f64 {
    value(&format!("orchq_metrics_violations_total{{metric=\"{metric}\",kind=\"{kind}\"}}")).unwrap_or(0.0)
}

#[test]
#[emits(value_load1, value_till_usd, value_open_files, value_start_time_seconds, value_growth_bytes)]
fn a_gauge_takes_the_type_that_it_states() {
    value_load1 {}.set(0.25);
    value_load1 {}.inc();
    assert_eq!(value("value_load1"), Some(1.25));
    let till = value_till_usd { text: Text::new("north") }.handle();
    till.set(-0.5);
    till.add(2.25);
    assert_eq!(value(r#"value_till_usd{text="north"}"#), Some(1.75));
    value_open_files {}.set(3_u64);
    value_open_files {}.dec();
    assert_eq!(value("value_open_files"), Some(2.0));
    value_start_time_seconds {}.set(1_753_776_000.5);
    assert_eq!(value("value_start_time_seconds"), Some(1_753_776_000.5));
    value_growth_bytes {}.set(-4096);
    assert_eq!(value("value_growth_bytes"), Some(-4096.0));
    assert_eq!(violations("value_growth_bytes", "negative"), 0.0);
}

#[test]
#[emits(value_clock_skew_seconds, value_start_time_seconds, value_room_celsius, value_processors_percent)]
fn the_range_is_the_stated_one_or_that_of_the_unit() {
    value_clock_skew_seconds {}.set(-0.125);
    assert_eq!(value("value_clock_skew_seconds"), Some(-0.125));
    assert_eq!(violations("value_clock_skew_seconds", "negative"), 0.0);
    value_clock_skew_seconds {}.set(f64::NAN);
    assert_eq!(violations("value_clock_skew_seconds", "nan"), 1.0);

    // Another type alone allows nothing below zero.
    value_start_time_seconds {}.sub(1e12);
    assert_eq!(violations("value_start_time_seconds", "negative"), 1.0);
    value_start_time_seconds {}.add(1e12);

    value_room_celsius {}.set(-40.0);
    value_room_celsius {}.set(60.0);
    assert_eq!(violations("value_room_celsius", "out_of_range"), 0.0);
    value_room_celsius {}.set(-41.0);
    value_room_celsius {}.set(61.0);
    assert_eq!(violations("value_room_celsius", "out_of_range"), 2.0);
    assert_eq!(violations("value_room_celsius", "negative"), 0.0);

    value_processors_percent {}.set(350.0);
    assert_eq!(violations("value_processors_percent", "out_of_range"), 0.0);
}

#[test]
#[emits(value_order_usd, value_late_seconds, value_items)]
fn observations_have_a_type_and_a_range_too() {
    value_order_usd {}.observe(12.5);
    value_order_usd {}.observe(-1.0);
    assert_eq!(value("value_order_usd_sum"), Some(11.5));
    assert_eq!(violations("value_order_usd", "negative"), 1.0);
    value_late_seconds {}.observe(-30);
    assert_eq!(value(r#"value_late_seconds_bucket{le="-60"}"#), Some(0.0));
    assert_eq!(value(r#"value_late_seconds_bucket{le="0"}"#), Some(1.0));
    assert_eq!(value("value_late_seconds_sum"), Some(-30.0));
    value_late_seconds {}.observe(-601);
    assert_eq!(violations("value_late_seconds", "out_of_range"), 1.0);
    // A whole number that cannot be negative can still be too small or too great.
    value_items {}.observe(0);
    value_items {}.observe(101);
    value_items {}.observe(100);
    assert_eq!(violations("value_items", "out_of_range"), 2.0);
}

#[test]
fn a_range_is_part_of_the_contract() {
    let any = (f64::NEG_INFINITY, f64::INFINITY);
    let from_zero = (0.0, f64::INFINITY);
    for (name, stated, range) in [
        ("value_load1", Some(from_zero), Some(from_zero)),
        ("value_till_usd", None, None),
        ("value_open_files", Some(from_zero), Some(from_zero)),
        ("value_clock_skew_seconds", Some(any), None),
        ("value_start_time_seconds", None, Some(from_zero)),
        ("value_room_celsius", Some((-40.0, 60.0)), Some((-40.0, 60.0))),
        ("value_late_seconds", Some((-600.0, f64::INFINITY)), Some((-600.0, f64::INFINITY))),
    ] {
        let desc = CONTRACT.metric(name).expect("declared");
        assert_eq!((desc.stated_range, desc.range()), (stated, range), "{name}");
        let owned = OwnedContract::from(&CONTRACT).metric(name).expect("declared").clone();
        assert_eq!((owned.stated_range, owned.range()), (stated, range), "{name}");
    }
    let contract = OwnedContract::from(&CONTRACT);
    let mut other = contract.clone();
    other.metrics[0].stated_range = None;
    assert_ne!(contract.fingerprint(), other.fingerprint());
    let document = contract.to_markdown();
    for field in [
        "value_clock_skew_seconds\n  - type: gauge\n  - unit: seconds\n  - range: any number\n",
        "  - range: at least 0\n",
        "  - range: from -40 to 60\n",
    ] {
        assert!(document.contains(field), "{document}");
    }
    assert_eq!(OwnedContract::from_json(&contract.to_json()), Ok(contract.clone()));
    let findings = orchq_metrics::document::check(&contract, "values.md", &document).findings;
    assert_eq!(findings, []);
    let findings = orchq_metrics::document::check(&contract, "values.md", &document.replace("to 60", "to 70")).findings;
    assert_eq!(findings.len(), 1, "{findings:#?}");
}

#[test]
fn a_scraped_value_out_of_its_range_is_a_finding() {
    let contract = OwnedContract::from(&CONTRACT);
    let found = |lines: &str| {
        let report = linted(Some(&contract), lines);
        let found = report.findings.into_iter().filter(|finding| finding.rule == "scrape-range");
        found.map(|finding| finding.message).collect::<Vec<_>>()
    };
    let gauge = |name: &str, value: &str| found(&format!("# HELP {name} x\n# TYPE {name} gauge\n{name} {value}\n"));
    assert_eq!(gauge("value_clock_skew_seconds", "-5"), [""; 0]);
    assert_eq!(gauge("value_growth_bytes", "-5"), [""; 0]);
    assert_eq!(gauge("value_start_time_seconds", "-5"), ["the value is -5; expected seconds, at least 0"]);
    assert_eq!(gauge("value_open_files", "-1"), ["the value is -1; expected {file}, at least 0"]);
    assert_eq!(gauge("value_room_celsius", "-5"), [""; 0]);
    assert_eq!(gauge("value_room_celsius", "-50"), ["the value is -50; expected celsius, from -40 to 60"]);
    let histogram = |name: &str, sum: &str| {
        found(&format!(
            "# HELP {name} x\n# TYPE {name} histogram\n{name}_bucket{{le=\"+Inf\"}} 1\n{name}_sum {sum}\n{name}_count 1\n"
        ))
    };
    // Observations below zero have any sum.
    assert_eq!(histogram("value_late_seconds", "-1e6"), [""; 0]);
    assert_eq!(histogram("value_order_usd", "-1"), ["the value is -1; expected {usd}, at least 0"]);
    assert_eq!(histogram("value_items", "0"), [""; 0]);
}
