//! Which series there are before anything is recorded.

use orchq_metrics::{contract, emits, text};

use super::{Digit, Name, samples_of, value};

#[contract(name = "store-zero", version = "1.0.0")]
mod zero {
    use super::*;

    /// All its label sets are known, and one label may be absent.
    #[counter(unit = "1")]
    pub struct zero_closed_total {
        digit: Digit,
        other: Option<Digit>,
    }

    /// Without labels.
    #[gauge(unit = "1")]
    pub struct zero_plain {}

    /// With closed labels.
    #[gauge(unit = "1")]
    pub struct zero_level {
        digit: Digit,
    }

    /// Without labels.
    #[histogram(unit = "ratio", buckets = [0.5])]
    pub struct zero_score {}

    /// Without labels, recorded once.
    #[gauge(unit = "1")]
    pub struct zero_once {}

    /// As many label sets as are laid out beforehand: 8 × 8 × 8 × 2.
    #[counter(unit = "1")]
    pub struct zero_most_total {
        first: Digit,
        second: Digit,
        third: Digit,
        color: fixtures::contracts::Color,
    }

    /// Some more: 8 × 8 × 9 × 2.
    #[counter(unit = "1")]
    pub struct zero_more_total {
        first: Digit,
        second: Digit,
        third: Option<Digit>,
        color: fixtures::contracts::Color,
    }

    /// An open label.
    #[counter(unit = "1")]
    pub struct zero_open_total {
        name: Name,
    }

    /// An open label.
    #[gauge(unit = "1")]
    pub struct zero_open {
        name: Name,
    }

    /// An open label.
    #[histogram(unit = "ratio", buckets = [0.5])]
    pub struct zero_open_score {
        name: Name,
    }

    /// With an open label; only the creation of a handle creates its series.
    #[counter(unit = "1")]
    pub struct zero_handle_total {
        name: Name,
    }
}
use zero::*;

/// A zero is served only where a function can raise it.
#[emits(zero_closed_total, zero_plain, zero_level, zero_score, zero_most_total)]
fn record(digit: Digit) {
    let color = fixtures::contracts::Color::Red;
    zero_closed_total { digit, other: None }.inc();
    zero_plain {}.inc();
    zero_level { digit }.inc();
    zero_score {}.observe(0.25);
    zero_most_total { first: digit, second: digit, third: digit, color }.inc();
}

#[test]
fn label_sets_known_beforehand_are_there_from_the_start() {
    let _: fn(Digit) = record;
    let text = text::encode(&CONTRACT);
    let closed = samples_of(&text, "zero_closed_total");
    assert_eq!(closed.len(), 8 * 9);
    assert!(closed.values().all(|number| *number == 0.0));
    assert!(closed.contains_key(r#"zero_closed_total{digit="7"}"#));
    assert_eq!(samples_of(&text, "zero_level").len(), 8);
    assert_eq!(samples_of(&text, "zero_plain")["zero_plain"], 0.0);
    assert_eq!(samples_of(&text, "zero_score_bucket").len(), 2);
    assert_eq!(samples_of(&text, "zero_score_count")["zero_score_count"], 0.0);
    assert_eq!(samples_of(&text, "zero_most_total").len(), 1024);
}

#[test]
#[emits(zero_more_total)]
fn too_many_label_sets_are_not_there_before_they_are_recorded() {
    assert_eq!(samples_of(&text::encode(&CONTRACT), "zero_more_total").len(), 0);
    let color = fixtures::contracts::Color::Red;
    zero_more_total { first: Digit::D1, second: Digit::D2, third: None, color }.inc();
    let text = text::encode(&CONTRACT);
    let samples: Vec<_> = samples_of(&text, "zero_more_total").into_iter().collect();
    assert_eq!(samples, [(r#"zero_more_total{first="1",second="2",color="red"}"#, 1.0)]);
}

#[emits(zero_open_total, zero_open, zero_open_score)]
fn init(name: Name) {
    zero_open_total { name }.init();
    zero_open { name }.init();
    zero_open_score { name }.init();
}

#[test]
#[emits(zero_open_total, zero_open)]
fn initialized_series_are_at_zero_and_recorded_values_stay() {
    assert_eq!(value::<u64>(&CONTRACT, r#"zero_open_total{name="init"}"#), None);
    let name = Name::new("init");
    init(name);
    assert_eq!(value(&CONTRACT, r#"zero_open_total{name="init"}"#), Some(0));
    assert_eq!(value(&CONTRACT, r#"zero_open{name="init"}"#), Some(0));
    assert_eq!(value(&CONTRACT, r#"zero_open_score_bucket{name="init",le="+Inf"}"#), Some(0));
    assert_eq!(value(&CONTRACT, r#"zero_open_score_sum{name="init"}"#), Some(0));
    zero_open_total { name }.inc_by(3);
    zero_open { name }.set(4);
    init(name);
    assert_eq!(value(&CONTRACT, r#"zero_open_total{name="init"}"#), Some(3));
    assert_eq!(value(&CONTRACT, r#"zero_open{name="init"}"#), Some(4));

    let coverage = CONTRACT.coverage();
    let sites = &coverage.metric("zero_open_score").expect("declared").sites;
    assert!(sites.iter().all(|site| site.hit == Some(false)), "`init` records nothing");
}

#[test]
#[emits(zero_handle_total)]
fn a_handle_has_its_series_at_zero() {
    let handle = zero_handle_total { name: Name::new("handle") }.handle();
    assert_eq!(value(&CONTRACT, r#"zero_handle_total{name="handle"}"#), Some(0));
    handle.inc();
    assert_eq!(value(&CONTRACT, r#"zero_handle_total{name="handle"}"#), Some(1));
}

/// A site's first recording takes another path than the others.
#[test]
#[emits(zero_once)]
fn the_first_recording_of_a_level_whose_label_sets_are_known_counts() {
    zero_once {}.set(4);
    assert_eq!(value(&CONTRACT, "zero_once"), Some(4));
    zero_once {}.add(1);
    assert_eq!(value(&CONTRACT, "zero_once"), Some(5));
}
