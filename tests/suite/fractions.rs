//! Counters that count in fractions.

use std::thread;

use fixtures::contracts::values::*;
use fixtures::contracts::{Color, Text};
use orchq_metrics::{OwnedContract, contract, emits, text};

use crate::gathered;

/// The value of one series in a page, by the text up to the space.
fn value_in(page: &str, series: &str) -> Option<f64> {
    let line = page.lines().find(|line| line.strip_prefix(series).is_some_and(|rest| rest.starts_with(' ')))?;
    line.rsplit(' ').next()?.parse().ok()
}

fn violations(kind: &str) -> Option<f64> {
    let series = format!("orchq_metrics_violations_total{{metric=\"value_spent_usd_total\",kind=\"{kind}\"}}");
    value_in(&text::encode(&CONTRACT), &series)
}

#[emits(value_spent_usd_total)]
fn spend(who: &str, usd: f64) {
    value_spent_usd_total { text: Text::new(who) }.inc_by(usd);
}

#[test]
#[emits(value_spent_usd_total, value_cpu_seconds_total, value_energy_joules_total)]
fn a_counter_of_fractions_is_the_same_in_text_and_in_a_registry() {
    spend("both", 1.5);
    spend("both", 0.25);
    // Money is a count, so that one is meaningful.
    let handle = value_spent_usd_total { text: Text::new("both") }.handle();
    handle.inc();
    handle.inc_by(0.125);
    value_cpu_seconds_total { color: Color::Red }.inc_by(0.5);
    value_energy_joules_total {}.inc_by(1e-3);
    let registry = prometheus::Registry::new();
    CONTRACT.register(&registry).unwrap();
    for page in [text::encode(&CONTRACT), gathered(&registry)] {
        assert!(page.contains("# TYPE value_spent_usd_total counter\n"), "{page}");
        assert_eq!(value_in(&page, r#"value_spent_usd_total{text="both"}"#), Some(2.875));
        assert_eq!(value_in(&page, r#"value_cpu_seconds_total{color="red"}"#), Some(0.5));
        // Known beforehand, so that it is there from the start.
        assert_eq!(value_in(&page, r#"value_cpu_seconds_total{color="b\"l\\u\ne"}"#), Some(0.0));
        assert_eq!(value_in(&page, "value_energy_joules_total"), Some(1e-3));
    }
}

#[test]
fn what_would_make_it_shrink_is_dropped_and_counted() {
    spend("odd", 2.0);
    for n in [-0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        spend("odd", n);
        spend("never", n);
    }
    let page = text::encode(&CONTRACT);
    assert_eq!(value_in(&page, r#"value_spent_usd_total{text="odd"}"#), Some(2.0));
    assert_eq!(value_in(&page, r#"value_spent_usd_total{text="never"}"#), None);
    assert_eq!(["negative", "nan", "infinite"].map(violations), [Some(2.0), Some(2.0), Some(4.0)]);
}

#[test]
fn the_threads_sums_are_added_up_and_a_removed_series_begins_at_zero() {
    let threads: Vec<_> = (0..8).map(|_| thread::spawn(|| (0..1000).for_each(|_| spend("many", 0.25)))).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let series = value_spent_usd_total { text: Text::new("many") };
    assert_eq!(CONTRACT.snapshot().value(series), Some(2000.0));
    assert_eq!(CONTRACT.remove_metric::<value_spent_usd_total>(series), 1);
    assert_eq!(CONTRACT.snapshot().value(series), None);
    spend("many", 0.5);
    assert_eq!(CONTRACT.snapshot().value(series), Some(0.5));
}

#[test]
fn a_snapshot_has_what_was_added() {
    let series = value_spent_usd_total { text: Text::new("snapshot") };
    let (before, own) = (CONTRACT.snapshot(), CONTRACT.snapshot_of_this_thread());
    spend("snapshot", 0.75);
    thread::spawn(|| spend("snapshot", 0.5)).join().unwrap();
    before.difference().with(series).assert(series, 1.25);
    let own = own.difference();
    own.assert(series, 0.75);
    assert_eq!(own.to_string(), "value_spent_usd_total{text=\"snapshot\"} +0.75\n");
    // Removed in between, it counts from zero.
    let before = CONTRACT.snapshot();
    CONTRACT.remove_metric::<value_spent_usd_total>(series);
    spend("snapshot", 8.0);
    before.difference().with(series).assert(series, 8.0);
}

#[test]
fn a_contract_of_whole_numbers_shares_the_family() {
    #[contract(name = "values-again", version = "1.0.0")]
    mod again {
        /// Energy, in another crate's contract.
        #[counter(unit = "joules")]
        pub struct value_shared_joules_total {}

        /// Money, in whole numbers.
        #[counter(unit = "{usd}")]
        pub struct value_shared_usd_total {}
    }
    #[contract(name = "values-once-more", version = "1.0.0")]
    mod once_more {
        /// Money, in fractions.
        #[counter(unit = "{usd}", value = f64)]
        pub struct value_shared_usd_total {}
    }
    #[emits(again::value_shared_usd_total, again::value_shared_joules_total)]
    fn whole() {
        again::value_shared_usd_total {}.inc_by(2);
        again::value_shared_joules_total {}.inc_by(0.5);
    }
    #[emits(once_more::value_shared_usd_total)]
    fn fraction() {
        once_more::value_shared_usd_total {}.inc_by(0.5);
    }
    whole();
    fraction();
    for contracts in [[&again::CONTRACT, &once_more::CONTRACT], [&once_more::CONTRACT, &again::CONTRACT]] {
        assert_eq!(value_in(&text::encode(&contracts), "value_shared_usd_total"), Some(2.5));
    }
}

/// A contract does not promise whole numbers or fractions, as with gauges: both are one type to Prometheus.
#[test]
fn the_contract_file_has_the_unit_and_no_type_of_values() {
    let contract = OwnedContract::from(&CONTRACT);
    let json = contract.to_json();
    assert!(json.contains("\"value_energy_joules_total\""), "{json}");
    assert_eq!(OwnedContract::from_json(&json), Ok(contract));
}
