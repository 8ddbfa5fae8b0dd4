//! The text has exactly what was recorded, with any labels.

use std::sync::{Mutex, MutexGuard, PoisonError};

use orchq_metrics::{Symbol, emits, text};
use proptest::collection::vec;
use proptest::prelude::*;

use super::metrics::*;
use super::{Anything, read, series};

#[derive(Clone, Copy, Debug, orchq_metrics::Labels)]
struct First {
    first: Anything,
}

/// Chance gives one text to two properties, so that they go one after the other.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Any text, with more of what has to be escaped than chance would bring.
fn label_value() -> impl Strategy<Value = String> {
    let character =
        prop_oneof![2 => any::<char>(), 1 => prop::sample::select(vec!['\n', '"', '\\', 'n', ',', '}', '='])];
    vec(character, 0..80).prop_map(String::from_iter)
}

/// The value that is served for one that was given.
fn served(value: &str) -> &str {
    match value.len() {
        0 => Symbol::EMPTY_VALUE,
        1..=Symbol::MAX_VALUE_BYTES => value,
        _ => Symbol::OVERFLOW_VALUE,
    }
}

#[emits(property_text_total)]
fn count(first: &str, second: Option<&str>, n: u64) {
    property_text_total { first: Anything::new(first), second: second.map(Anything::new) }.inc_by(n);
}

#[emits(property_text_size)]
fn observe(first: &str, n: u64) {
    property_text_size { first: Anything::new(first) }.observe(n);
}

fn remove(first: &str) {
    CONTRACT.remove(First { first: Anything::new(first) });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn a_line_reads_back_as_what_was_recorded(first in label_value(), second in prop::option::of(label_value()), n in 1_u64..1 << 53) {
        let _alone = alone();
        let labels = [("first", served(&first)), ("second", second.as_deref().map_or("", served))];
        let expected = series("property_text_total", &labels[..1 + usize::from(second.is_some())]);
        let before = read(&text::encode(&CONTRACT)).get(&expected).copied().unwrap_or(0.0);
        count(&first, second.as_deref(), n);
        let after = read(&text::encode(&CONTRACT)).get(&expected).copied();
        remove(&first);
        prop_assert_eq!(after, Some(before + n as f64));
    }

    #[test]
    fn two_label_sets_have_two_series(text in label_value(), one in 0_usize..80, other in 0_usize..80) {
        let _alone = alone();
        let boundary = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
        let (one, other) = (text.split_at(boundary(one)), text.split_at(boundary(other)));
        prop_assume!(one != other && text.len() <= Symbol::MAX_VALUE_BYTES && text != Symbol::OVERFLOW_VALUE);
        // `__empty__` is the empty text, not a label set of its own.
        prop_assume!(![one, other].iter().any(|pair| pair.0 == Symbol::EMPTY_VALUE || pair.1 == Symbol::EMPTY_VALUE));
        count(one.0, Some(one.1), 1);
        count(other.0, Some(other.1), 2);
        count(one.0, None, 4);
        let all = read(&text::encode(&CONTRACT));
        remove(one.0);
        remove(other.0);
        let value = |labels: &[(&str, &str)]| all.get(&series("property_text_total", labels)).copied();
        prop_assert_eq!(value(&[("first", served(one.0)), ("second", served(one.1))]), Some(1.0));
        prop_assert_eq!(value(&[("first", served(other.0)), ("second", served(other.1))]), Some(2.0));
        prop_assert_eq!(value(&[("first", served(one.0))]), Some(4.0));
    }

    #[test]
    fn buckets_cumulate_up_to_the_count(first in label_value(), observations in vec(0_u64..6, 1..20)) {
        let _alone = alone();
        let label = served(&first).to_owned();
        prop_assume!(label != Symbol::OVERFLOW_VALUE);
        observations.iter().for_each(|n| observe(&first, *n));
        let all = read(&text::encode(&CONTRACT));
        remove(&first);
        let value = |name: &str| all.get(&series(name, &[("first", label.as_str())])).copied();
        let bucket = |le: &str| all.get(&series("property_text_size_bucket", &[("first", label.as_str()), ("le", le)])).copied();
        let at_most = |bound: f64| Some(observations.iter().filter(|n| **n as f64 <= bound).count() as f64);
        prop_assert_eq!(["-1", "0.5", "3", "+Inf"].map(bucket), [-1.0, 0.5, 3.0, f64::INFINITY].map(at_most));
        prop_assert_eq!(value("property_text_size_count"), bucket("+Inf"));
        prop_assert_eq!(value("property_text_size_sum"), Some(observations.iter().sum::<u64>() as f64));
    }
}
