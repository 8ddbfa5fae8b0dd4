//! Computes the growth of native counters from their values.

use std::collections::{HashMap, HashSet};

use super::reading::{Key, NativeCounter};

/// How many series are remembered.
const REMEMBERED: usize = 20_000;

/// Remembers the native series of one counter of the contract.
///
/// Each series is tracked separately, because in a sum the decrease of one hides behind the growth of another. The
/// values on the first page are not counted: they are from before this queue. A series that appears on a later page
/// started at zero, and counts whole. One that was missing from a page and is back is not new.
#[derive(Debug, Default)]
pub(super) struct Tracker {
    known: HashMap<Key, Known>,
    /// There was a page with a series.
    started: bool,
    /// There were too many series to remember, so that an unknown one may not be new.
    forgot: bool,
    /// The fraction that is not counted yet.
    rest: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// `None` until there was a valid count.
    value: Option<f64>,
    /// The latest start time that was reported.
    created: Option<f64>,
}

impl Known {
    /// Whether the value is from another process of the engine, which started earlier.
    fn is_of_another(&self, now: &NativeCounter) -> bool {
        is_later(self.created, now.created)
    }

    fn restarted(&self, now: &NativeCounter) -> bool {
        let fell = matches!((self.value, now.value), (Some(old), Some(new)) if new < old);
        !self.is_of_another(now) && (fell || is_later(now.created, self.created))
    }
}

/// Whether a start time is later than the latest that was reported. An earlier one is from another process of the
/// engine, when several answer in turn.
pub(super) fn is_later(now: Option<f64>, before: Option<f64>) -> bool {
    matches!((now, before), (Some(now), Some(before)) if now > before)
}

/// The series of a page, each once: if a page has a series twice, the first counts.
fn distinct(series: &[NativeCounter]) -> impl Iterator<Item = &NativeCounter> {
    let mut seen = HashSet::with_capacity(series.len());
    series.iter().filter(move |now| seen.insert(&now.key))
}

impl Tracker {
    /// Whether a series has restarted since the last page.
    pub(super) fn restarted(&self, series: &[NativeCounter]) -> bool {
        distinct(series).any(|now| self.known.get(&now.key).is_some_and(|known| known.restarted(now)))
    }

    /// The growth of the series since the last page. `restarted` states that all of them restarted.
    pub(super) fn advance(&mut self, series: &[NativeCounter], restarted: bool) -> u64 {
        if restarted {
            // The series that this page does not have yet will start at zero, too.
            let on_page: HashSet<_> = series.iter().map(|now| &now.key).collect();
            self.known.retain(|key, _| on_page.contains(key));
        }
        let whole = restarted || (self.started && !self.forgot);
        let mut growth = 0.0;
        for now in distinct(series) {
            let before = self.known.get(&now.key).copied();
            if !restarted && before.is_some_and(|before| before.is_of_another(now)) {
                continue;
            }
            if let Some(value) = now.value {
                growth += match before {
                    Some(before) if restarted || before.restarted(now) => value,
                    Some(Known { value: Some(before), .. }) => value - before,
                    Some(Known { value: None, .. }) => 0.0,
                    None if whole => value,
                    None => 0.0,
                };
            }
            let old = before.unwrap_or_default();
            let known = Known { value: now.value.or(old.value), created: now.created.or(old.created) };
            self.known.insert(now.key.clone(), known);
        }
        if self.known.len() > REMEMBERED {
            let on_page: HashSet<_> = series.iter().map(|now| &now.key).collect();
            self.known.retain(|key, _| on_page.contains(key));
            self.forgot = true;
        }
        self.started |= !series.is_empty();
        let total = self.rest + growth;
        self.rest = total.fract();
        // Each value is below 2^53, and a page has too few series for their sum to exceed a u64; the cast saturates.
        total.trunc() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(name: &str, value: f64) -> NativeCounter {
        NativeCounter { key: Key(name.to_owned(), Vec::new()), value: Some(value), created: None }
    }

    fn created(value: f64, created: f64) -> NativeCounter {
        NativeCounter { created: Some(created), ..series("a", value) }
    }

    fn growth(tracker: &mut Tracker, series: &[NativeCounter]) -> u64 {
        tracker.advance(series, false)
    }

    #[test]
    fn what_was_counted_before_the_first_page_is_not_counted() {
        let mut tracker = Tracker::default();
        assert_eq!(growth(&mut tracker, &[series("a", 143_207.0)]), 0);
        assert_eq!(growth(&mut tracker, &[series("a", 143_210.0)]), 3);
        assert_eq!(growth(&mut tracker, &[series("a", 143_210.0)]), 0);
    }

    #[test]
    fn a_series_that_appears_later_counts_whole() {
        let mut tracker = Tracker::default();
        assert_eq!(growth(&mut tracker, &[]), 0);
        assert_eq!(growth(&mut tracker, &[series("a", 456_789.0)]), 0, "a page without series is not a first page");
        assert_eq!(growth(&mut tracker, &[series("a", 456_789.0), series("b", 2.0)]), 2);
        assert_eq!(growth(&mut tracker, &[series("b", 2.0)]), 0);
        assert_eq!(
            growth(&mut tracker, &[series("a", 456_790.0), series("b", 2.0)]),
            1,
            "it was missing, and is not new"
        );
        assert_eq!(growth(&mut tracker, &[]), 0);
        assert_eq!(growth(&mut tracker, &[series("a", 3.0), series("b", 2.0)]), 3, "it was missing, and restarted");
        assert_eq!(tracker.advance(&[series("a", 4.0)], true), 4);
        assert_eq!(growth(&mut tracker, &[series("a", 4.0), series("b", 7.0)]), 7, "a restarted series starts at zero");
    }

    #[test]
    fn a_decrease_is_a_restart_even_behind_the_growth_of_another() {
        let mut tracker = Tracker::default();
        growth(&mut tracker, &[series("a", 100.0), series("b", 100.0)]);
        let now = [series("a", 7.0), series("b", 300.0)];
        assert!(tracker.restarted(&now));
        assert_eq!(growth(&mut tracker, &now), 207);
        assert!(!tracker.restarted(&now));
    }

    #[test]
    fn a_restart_without_a_decrease_has_a_later_start_time() {
        let mut tracker = Tracker::default();
        growth(&mut tracker, &[created(100.0, 10.0)]);
        let now = [created(150.0, 20.0)];
        assert!(tracker.restarted(&now));
        assert_eq!(growth(&mut tracker, &now), 150);
        // Another process of the engine answers, which is older.
        for older in [9.0, 160.0] {
            assert!(!tracker.restarted(&[created(older, 10.0)]));
            assert_eq!(growth(&mut tracker, &[created(older, 10.0)]), 0);
            assert!(!tracker.restarted(&[created(150.0, 20.0)]));
            assert_eq!(growth(&mut tracker, &[created(150.0, 20.0)]), 0);
        }
        assert_eq!(growth(&mut tracker, &[created(170.0, 20.0)]), 20);
        assert_eq!(tracker.advance(&[created(180.0, 20.0)], true), 180);
    }

    #[test]
    fn six_digits_never_look_like_a_restart() {
        // The default output of C++ for a double, as in llama.cpp: six significant digits.
        let printed = |n: u64| -> f64 {
            let n = n as f64;
            if n < 1e6 { n } else { format!("{n:.5e}").parse().unwrap() }
        };
        let mut tracker = Tracker::default();
        let first = 999_990;
        growth(&mut tracker, &[series("a", printed(first))]);
        let mut total = 0;
        for n in (first..1_300_000).step_by(3) {
            let now = [series("a", printed(n))];
            assert!(!tracker.restarted(&now), "{n}");
            total += growth(&mut tracker, &now);
        }
        assert_eq!(total, 300_010, "up to the last digit that is printed");
    }

    #[test]
    fn fractions_add_up_and_invalid_counts_are_skipped() {
        let mut tracker = Tracker::default();
        growth(&mut tracker, &[series("a", 0.0)]);
        let grown: Vec<_> = [0.4, 0.8, 1.2, 1.6, 2.0].map(|value| growth(&mut tracker, &[series("a", value)])).into();
        assert_eq!(grown, [0, 0, 1, 0, 1]);
        let none = NativeCounter { value: None, ..series("a", 0.0) };
        assert_eq!(growth(&mut tracker, std::slice::from_ref(&none)), 0);
        assert_eq!(growth(&mut tracker, &[series("a", 5.0)]), 3, "the value before is remembered");

        let mut tracker = Tracker::default();
        assert_eq!(growth(&mut tracker, &[none]), 0);
        assert_eq!(growth(&mut tracker, &[series("a", 900.0)]), 0, "its first value is not growth");
    }

    #[test]
    fn if_a_page_has_a_series_twice_the_first_counts() {
        let mut tracker = Tracker::default();
        for value in [1000.0, 1001.0, 1002.0] {
            let page = [series("a", value), series("a", 999.0)];
            assert!(!tracker.restarted(&page));
            assert_eq!(growth(&mut tracker, &page), u64::from(value > 1000.0));
        }
        assert_eq!(tracker.advance(&[series("a", 6.0), series("a", 6.0)], true), 6);
    }

    #[test]
    fn the_memory_is_limited_and_forgotten_series_are_not_counted() {
        let mut tracker = Tracker::default();
        let page = |from: usize| (from..from + REMEMBERED).map(|n| series(&n.to_string(), 5.0)).collect::<Vec<_>>();
        growth(&mut tracker, &page(0));
        growth(&mut tracker, &page(REMEMBERED));
        assert_eq!(tracker.known.len(), REMEMBERED);
        assert_eq!(growth(&mut tracker, &[series("0", 456_789.0)]), 0);
        assert_eq!(growth(&mut tracker, &[series("0", 456_790.0)]), 1);
    }
}
