//! What each method does to a series, and how odd values are recorded.

use std::time::Duration;

use fixtures::contracts::units::*;
use fixtures::contracts::{Color, Place, Small, Text};
use orchq_metrics::{LabelError, Symbol, emits, text};

/// The value of one series, by the text up to the space.
fn value(series: &str) -> Option<f64> {
    let text = text::encode(&CONTRACT);
    let line = text.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[emits(unit_count_total)]
fn count(place: Place, n: u64) {
    unit_count_total { place }.inc_by(n);
}

#[test]
fn a_conditional_label_that_does_not_apply_is_absent() {
    count(Place { color: Color::Red, text: Some(Text::new("there")) }, 2);
    count(Place { color: Color::Red, text: None }, 3);
    assert_eq!(value(r#"unit_count_total{color="red",text="there"}"#), Some(2.0));
    assert_eq!(value(r#"unit_count_total{color="red"}"#), Some(3.0));
}

#[test]
#[emits(unit_busy_seconds_total)]
fn a_counter_of_time_is_served_in_its_unit() {
    unit_busy_seconds_total {}.inc_by(Duration::from_millis(1500));
    unit_busy_seconds_total {}.inc_by(Duration::from_nanos(1));
    assert_eq!(value("unit_busy_seconds_total"), Some(1.500000001));
}

#[test]
#[emits(unit_balance)]
fn a_gauge_goes_up_and_down() {
    let balance = unit_balance { text: Text::new("gauge") }.handle();
    balance.set(5);
    balance.add(10);
    balance.sub(3);
    balance.inc();
    balance.dec();
    balance.dec();
    assert_eq!(value(r#"unit_balance{text="gauge"}"#), Some(11.0));
    balance.set(-4);
    assert_eq!(value(r#"unit_balance{text="gauge"}"#), Some(-4.0));
}

#[test]
#[emits(unit_ratio, unit_percent, unit_celsius)]
fn nan_is_dropped_and_values_out_of_range_are_kept_and_both_are_counted() {
    let ratio = unit_ratio { text: Text::new("odd") }.handle();
    ratio.set(0.5);
    ratio.set(f64::NAN);
    ratio.add(f64::NAN);
    assert_eq!(value(r#"unit_ratio{text="odd"}"#), Some(0.5));
    assert_eq!(value(r#"orchq_metrics_violations_total{metric="unit_ratio",kind="nan"}"#), Some(2.0));
    ratio.set(1.5);
    assert_eq!(value(r#"unit_ratio{text="odd"}"#), Some(1.5));
    ratio.sub(2.0);
    assert_eq!(value(r#"unit_ratio{text="odd"}"#), Some(-0.5));
    assert_eq!(value(r#"orchq_metrics_violations_total{metric="unit_ratio",kind="out_of_range"}"#), Some(1.0));
    assert_eq!(value(r#"orchq_metrics_violations_total{metric="unit_ratio",kind="negative"}"#), Some(1.0));

    // A dropped value does not create a series at zero.
    unit_ratio { text: Text::new("never") }.set(f64::NAN);
    unit_ratio { text: Text::new("never") }.sub(f64::INFINITY);
    assert_eq!(value(r#"unit_ratio{text="never"}"#), None);

    // The bounds themselves are in range.
    let percent = unit_percent { text: Text::new("odd") }.handle();
    percent.set(100.0);
    percent.set(0.0);
    assert_eq!(value(r#"orchq_metrics_violations_total{metric="unit_percent",kind="out_of_range"}"#), None);
    // A unit without a range takes anything that is a number.
    unit_celsius { text: Text::new("odd") }.set(-273.15);
    assert_eq!(value(r#"unit_celsius{text="odd"}"#), Some(-273.15));
    assert_eq!(value(r#"orchq_metrics_violations_total{metric="unit_celsius",kind="out_of_range"}"#), None);
}

#[test]
#[emits(unit_size_bytes, unit_latency_ms)]
fn buckets_are_upper_bounds_that_include_themselves() {
    let size = unit_size_bytes { text: Text::new("buckets") }.handle();
    for bytes in [10, 11, 100, 101] {
        size.observe(bytes);
    }
    assert_eq!(value(r#"unit_size_bytes_bucket{text="buckets",le="10"}"#), Some(1.0));
    assert_eq!(value(r#"unit_size_bytes_bucket{text="buckets",le="100"}"#), Some(3.0));
    assert_eq!(value(r#"unit_size_bytes_bucket{text="buckets",le="+Inf"}"#), Some(4.0));
    assert_eq!(value(r#"unit_size_bytes_count{text="buckets"}"#), Some(4.0));
    assert_eq!(value(r#"unit_size_bytes_sum{text="buckets"}"#), Some(222.0));

    unit_latency_ms { text: Text::new("ms") }.observe(Duration::from_micros(1500));
    assert_eq!(value(r#"unit_latency_ms_bucket{text="ms",le="1.5"}"#), Some(1.0));
    assert_eq!(value(r#"unit_latency_ms_sum{text="ms"}"#), Some(1.5));
}

#[test]
#[emits(unit_score)]
fn an_infinite_observation_does_not_spoil_the_sum() {
    let score = unit_score { small: Small::new("a") }.handle();
    score.observe(0.25);
    score.observe(f64::INFINITY);
    score.observe(f64::NAN);
    unit_score { small: Small::new("a") }.observe(f64::NEG_INFINITY);
    assert_eq!(value(r#"unit_score_sum{small="a"}"#), Some(0.25));
    assert_eq!(value(r#"unit_score_count{small="a"}"#), Some(1.0));
    assert_eq!(value(r#"orchq_metrics_violations_total{metric="unit_score",kind="infinite"}"#), Some(2.0));
}

#[test]
#[emits(unit_score)]
fn past_its_budget_a_label_overflows_and_the_count_is_kept() {
    // The type has room for three, and the test above takes one of them, "a".
    for name in ["a", "b", "c", "d", "e", "d"] {
        unit_score { small: Small::new(name) }.observe(0.0);
    }
    assert_eq!(Small::new("f").as_str(), Symbol::OVERFLOW_VALUE);
    assert_eq!(Small::try_new("f"), Err(LabelError::OverBudget { budget: 3 }));
    assert_eq!(value(r#"unit_score_count{small="__overflow__"}"#), Some(3.0));
    // The loss is counted, with its place.
    assert_eq!(value(r#"orchq_metrics_overflow_total{metric="unit_score",label="small"}"#), Some(3.0));
    assert_eq!(value(r#"unit_score_count{small="b"}"#), Some(1.0));
}

#[test]
#[emits(unit_balance, unit_size_bytes)]
fn an_emission_does_what_a_handle_does() {
    let text = Text::new("emission");
    unit_balance { text }.add(10);
    unit_balance { text }.sub(3);
    unit_balance { text }.inc();
    unit_balance { text }.dec();
    unit_balance { text }.dec();
    assert_eq!(value(r#"unit_balance{text="emission"}"#), Some(6.0));
    unit_size_bytes { text }.observe(7);
    assert_eq!(value(r#"unit_size_bytes_sum{text="emission"}"#), Some(7.0));
}

#[test]
#[emits(unit_stepped_percent)]
fn the_resulting_level_decides_whether_it_is_in_range() {
    let level = unit_stepped_percent { text: Text::new("steps") }.handle();
    let violations =
        || value(r#"orchq_metrics_violations_total{metric="unit_stepped_percent",kind="out_of_range"}"#).unwrap_or(0.0);
    let before = violations();
    level.set(60.0);
    level.add(60.0);
    assert_eq!(violations(), before + 1.0);
    level.sub(60.0);
    assert_eq!(violations(), before + 1.0);
    level.sub(f64::NAN);
    level.add(f64::INFINITY);
    assert_eq!(value(r#"unit_stepped_percent{text="steps"}"#), Some(60.0));
}

#[test]
#[emits(unit_plain_seconds)]
fn a_histogram_needs_no_labels() {
    let timer = unit_plain_seconds {}.start_timer();
    std::thread::sleep(Duration::from_millis(2));
    let measured = timer.stop();
    assert!(measured >= Duration::from_millis(2));
    let within_a_second = f64::from(measured <= Duration::from_secs(1));
    assert_eq!(value(r#"unit_plain_seconds_bucket{le="1"}"#), Some(within_a_second));
    assert_eq!(value("unit_plain_seconds_count"), Some(1.0));
    assert_eq!(value("unit_plain_seconds_sum"), Some(measured.as_secs_f64()));
}

/// Each way to record, in a function of its own, with nothing else in it.
mod ways {
    use super::*;

    #[emits(unit_count_total)]
    pub(super) fn inc() {
        unit_count_total { place: Place { color: Color::Red, text: Some(Text::new("ways")) } }.inc();
    }

    #[emits(unit_busy_seconds_total)]
    pub(super) fn inc_by_nothing() {
        unit_busy_seconds_total {}.inc_by(Duration::ZERO);
    }

    #[emits(unit_celsius)]
    pub(super) fn set() {
        unit_celsius { text: Text::new("ways") }.set(20.0);
    }

    #[emits(unit_celsius)]
    pub(super) fn add() {
        unit_celsius { text: Text::new("ways") }.add(1.0);
    }

    #[emits(unit_latency_ms)]
    pub(super) fn observe() {
        unit_latency_ms { text: Text::new("ways") }.observe(Duration::from_millis(1));
    }

    #[emits(unit_latency_ms)]
    pub(super) fn only_resolve() {
        let _ = std::hint::black_box(unit_latency_ms { text: Text::new("ways") }.handle());
    }

    #[emits(unit_celsius)]
    pub(super) fn set_no_number() {
        unit_celsius { text: Text::new("ways") }.set(f64::NAN);
    }
}

#[test]
fn every_way_to_record_marks_its_site_and_nothing_else_does() {
    let all: [(&str, fn(), bool); 7] = [
        ("inc", ways::inc, true),
        ("inc_by_nothing", ways::inc_by_nothing, true),
        ("set", ways::set, true),
        ("add", ways::add, true),
        ("observe", ways::observe, true),
        ("only_resolve", ways::only_resolve, false),
        ("set_no_number", ways::set_no_number, false),
    ];
    for (_, record, _) in all {
        record();
    }
    let coverage = CONTRACT.coverage();
    let sites: Vec<_> = coverage.metrics.iter().flat_map(|metric| &metric.sites).collect();
    for (name, _, expected) in all {
        let path = format!("suite::values::ways::{name}");
        let site = sites.iter().find(|site| site.function == path).expect("it has a site");
        assert_eq!(site.hit, Some(expected), "{name}");
    }
}

#[test]
fn a_metric_shows_its_labels() {
    let metric = unit_count_total { place: Place { color: Color::Red, text: None } };
    assert_eq!(format!("{metric:?}"), "unit_count_total { color: \"red\" }");
}

#[test]
fn closed_labels_are_read_from_text() {
    for color in Color::ALL {
        assert_eq!(color.as_str().parse(), Ok(*color));
    }
    let error = "green".parse::<Color>().expect_err("not a colour");
    assert_eq!(error.to_string(), "\"green\" is not a value of this label; use one of red, b\"l\\u\ne");
    assert_eq!(Color::ALL.len(), 2);
    assert_eq!(format!("{:>5}", Color::Red), "  red");
}

/// Label sets that a hash of their concatenation would merge are two.
#[test]
fn label_sets_are_compared_whole() {
    count(Place { color: Color::Blue, text: Some(Text::new("x")) }, 1);
    count(Place { color: Color::Blue, text: Some(Text::new("xx")) }, 10);
    let escaped = r#"color="b\"l\\u\ne""#;
    assert_eq!(value(&format!("unit_count_total{{{escaped},text=\"x\"}}")), Some(1.0));
    assert_eq!(value(&format!("unit_count_total{{{escaped},text=\"xx\"}}")), Some(10.0));
}
