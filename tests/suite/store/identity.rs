//! Two label sets never share a series.

use orchq_metrics::{Labels, contract, emits, text};
use prometheus::{IntCounterVec, Opts};

use super::{Digit, Name, samples_of, value};

/// Two labels, as many as a word of a label set holds.
#[derive(Clone, Copy, Labels)]
pub(crate) struct One {
    a: Name,
    b: Name,
}

/// Four labels.
#[derive(Clone, Copy, Labels)]
pub(crate) struct Two {
    #[labels]
    one: One,
    c: Name,
    d: Name,
}

/// Eight labels.
#[derive(Clone, Copy, Labels)]
pub(crate) struct Four {
    #[labels]
    two: Two,
    e: Name,
    f: Name,
    g: Name,
    h: Name,
}

#[contract(name = "store-identity", version = "1.0.0")]
mod identity {
    use super::*;

    /// Two labels whose values can be cut in two places.
    #[counter(unit = "1")]
    pub struct identity_cut_total {
        first: Name,
        second: Name,
    }

    /// Nearly as many series as a family takes.
    #[counter(unit = "1")]
    pub struct identity_crowd_total {
        first: Name,
        digit: Digit,
        second: Name,
    }

    /// A label set of one word.
    #[counter(unit = "1")]
    pub struct identity_one_total {
        #[labels]
        one: One,
    }

    /// Of two.
    #[gauge(unit = "1")]
    pub struct identity_two {
        #[labels]
        two: Two,
    }

    /// Of three.
    #[histogram(unit = "seconds", buckets = [1])]
    pub struct identity_three_seconds {
        #[labels]
        two: Two,
        last: Name,
    }

    /// Of four.
    #[counter(unit = "1")]
    pub struct identity_four_total {
        #[labels]
        four: Four,
    }

    /// Of five.
    #[counter(unit = "1")]
    pub struct identity_five_total {
        #[labels]
        four: Four,
        last: Name,
    }

    /// Labels of which any may be missing.
    #[counter(unit = "1")]
    pub struct identity_gaps_total {
        first: Option<Name>,
        digit: Option<Digit>,
        second: Option<Name>,
    }
}
use identity::*;

#[emits(identity_cut_total)]
fn cut(first: &str, second: &str, n: u64) {
    identity_cut_total { first: Name::new(first), second: Name::new(second) }.inc_by(n);
}

/// The `prometheus` crate hashes the values one after the other, and compares only the hash.
#[test]
fn values_that_are_cut_elsewhere_are_another_series() {
    let theirs = IntCounterVec::new(Opts::new("cut_total", "Cut."), &["first", "second"]).expect("valid");
    theirs.with_label_values(&["ab", "c"]).inc();
    assert_eq!(theirs.with_label_values(&["a", "bc"]).get(), 1, "the reason for this test is gone");

    cut("ab", "c", 1);
    assert_eq!(value::<u64>(&CONTRACT, r#"identity_cut_total{first="a",second="bc"}"#), None);
    for (n, (first, second)) in [("a", "bc"), ("abc", ""), ("", "abc"), ("c", "ab")].into_iter().enumerate() {
        cut(first, second, 10 + n as u64);
    }
    let text = text::encode(&CONTRACT);
    let samples: Vec<_> = samples_of(&text, "identity_cut_total").into_iter().collect();
    assert_eq!(
        samples,
        [
            (r#"identity_cut_total{first="__empty__",second="abc"}"#, 12.0),
            (r#"identity_cut_total{first="a",second="bc"}"#, 10.0),
            (r#"identity_cut_total{first="ab",second="c"}"#, 1.0),
            (r#"identity_cut_total{first="abc",second="__empty__"}"#, 11.0),
            (r#"identity_cut_total{first="c",second="ab"}"#, 13.0),
        ]
    );
}

/// With so many label sets, some share home slots and the eight bits of their hashes that the
/// index keeps: only the label set itself distinguishes them.
#[test]
#[emits(identity_crowd_total)]
fn each_of_many_label_sets_has_its_own_number() {
    let number = |first: u64, second: u64| 1 + first * 990 + second;
    let all = || (0..10_u64).flat_map(|first| (0..990_u64).map(move |second| (first, second)));
    let set = |first, second| identity_crowd_total {
        first: Name::new(&format!("crowd-{first}")),
        digit: Digit::D4,
        second: Name::new(&format!("crowd-{second}")),
    };
    // From here on they are looked up, half of them by threads that never created a series.
    std::thread::scope(|scope| {
        for part in 0..2 {
            scope.spawn(move || {
                for (first, second) in all().filter(|(first, _)| first % 2 == part) {
                    set(first, second).inc_by(number(first, second));
                }
            });
        }
    });
    all().for_each(|(first, second)| set(first, second).inc_by(100_000));

    let text = text::encode(&CONTRACT);
    let samples = samples_of(&text, "identity_crowd_total");
    assert_eq!(samples.len(), 9_900);
    for (first, second) in all() {
        let series = format!(r#"identity_crowd_total{{first="crowd-{first}",digit="4",second="crowd-{second}"}}"#);
        assert_eq!(samples[series.as_str()], (100_000 + number(first, second)) as f64, "{series}");
    }
}

#[test]
#[emits(identity_gaps_total)]
fn a_missing_label_is_not_a_value() {
    let names = || [None, Some("gap"), Some("0"), Some("")].into_iter().map(|name| name.map(Name::new));
    let digits = || [None, Some(Digit::D0), Some(Digit::D7)].into_iter();
    let mut n = 0;
    for (first, digit, second) in names().flat_map(|a| digits().flat_map(move |b| names().map(move |c| (a, b, c)))) {
        n += 1;
        identity_gaps_total { first, digit, second }.inc_by(n);
    }
    let text = text::encode(&CONTRACT);
    let samples = samples_of(&text, "identity_gaps_total");
    let numbers: std::collections::BTreeSet<_> = samples.values().map(|number| *number as u64).collect();
    assert!(numbers.into_iter().eq(1..=48), "{samples:#?}");
    assert_eq!(samples["identity_gaps_total"], 1.0);
    assert_eq!(samples[r#"identity_gaps_total{digit="0"}"#], 5.0);
    assert_eq!(samples[r#"identity_gaps_total{first="0"}"#], 25.0);
    assert_eq!(samples[r#"identity_gaps_total{second="0"}"#], 3.0);
    assert_eq!(samples[r#"identity_gaps_total{first="__empty__",digit="7",second="__empty__"}"#], 48.0);
}

/// Each word of a label set is part of it, also from the second recording on, which is another path.
#[test]
#[emits(identity_one_total, identity_two, identity_three_seconds, identity_four_total, identity_five_total)]
fn label_sets_of_any_length_are_distinguished() {
    let names = ["p", "q"].map(Name::new);
    let sets = || (0..512_u32).map(|bits| std::array::from_fn(|label| names[(bits >> label & 1) as usize]));
    for round in 1..=3 {
        for (number, [a, b, c, d, e, f, g, h, last]) in sets().enumerate() {
            let n = 1 + number as u64;
            let one = One { a, b };
            let two = Two { one, c, d };
            let four = Four { two, e, f, g, h };
            identity_five_total { four, last }.inc_by(n);
            if n <= 256 {
                identity_four_total { four }.inc_by(n);
            }
            if n <= 16 {
                identity_two { two }.add(n as i64);
                identity_three_seconds { two, last: e }.observe(std::time::Duration::from_secs(n));
            }
            if n <= 4 {
                identity_one_total { one }.inc_by(n);
            }
        }
        let text = text::encode(&CONTRACT);
        let metrics = [
            ("identity_one_total", 4),
            ("identity_two", 16),
            ("identity_three_seconds_sum", 16),
            ("identity_four_total", 256),
            ("identity_five_total", 512),
        ];
        for (metric, sets) in metrics {
            let mut values: Vec<_> = samples_of(&text, metric).into_values().collect();
            values.sort_by(f64::total_cmp);
            let expected: Vec<_> = (1..=sets).map(|n| f64::from(n * round)).collect();
            assert_eq!(values, expected, "{metric}");
        }
    }
}
