//! What happens past a label's budget and past a family's limit: detail is lost, counts are not.

use orchq_metrics::{Label, LabelError, Labels, Symbol, contract, emits, text};

use super::{Digit, Ended, Name, samples_of, value};

/// Room for two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 2)]
pub struct Tight(Symbol);

/// Room for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 1)]
pub struct Sole(Symbol);

#[derive(Clone, Copy, Debug, Labels)]
struct Owner {
    owner: Name,
}

#[contract(name = "store-limits", version = "1.0.0")]
mod limits {
    use super::*;

    /// A label with a small budget.
    #[counter(unit = "1")]
    pub struct limit_tight_total {
        tight: Tight,
        name: Name,
    }

    /// Room for eight.
    #[counter(unit = "1", series_limit = 8)]
    pub struct limit_eight_total {
        name: Name,
    }

    /// Room for eight.
    #[gauge(unit = "1", series_limit = 8)]
    pub struct limit_eight {
        name: Name,
    }

    /// Room for two, with a small budget.
    #[gauge(unit = "1", series_limit = 2)]
    pub struct limit_level {
        sole: Sole,
        name: Name,
    }

    /// Room for eight.
    #[histogram(unit = "ratio", buckets = [0.5], series_limit = 8)]
    pub struct limit_eight_score {
        name: Name,
    }

    /// As many as by default.
    #[counter(unit = "1")]
    pub struct limit_default_total {
        first: Name,
        second: Name,
    }

    /// Closed labels, too many to be known beforehand, and one that may be absent.
    #[counter(unit = "1", series_limit = 1)]
    pub struct limit_closed_total {
        first: Digit,
        second: Digit,
        third: Digit,
        fourth: Digit,
        name: Option<Name>,
    }

    /// Labels that may all be absent.
    #[counter(unit = "1", series_limit = 1)]
    pub struct limit_absent_total {
        name: Option<Name>,
        tight: Option<Tight>,
    }

    /// Filled and removed at once.
    #[counter(unit = "1", series_limit = 8)]
    pub struct limit_raced_total {
        #[labels]
        owner: Owner,
        name: Name,
    }
}
use limits::*;

fn lost(metric: &str, label: &str) -> u64 {
    value(&CONTRACT, &format!(r#"orchq_metrics_overflow_total{{metric="{metric}",label="{label}"}}"#)).unwrap_or(0)
}

#[test]
#[emits(limit_tight_total)]
fn past_its_budget_a_label_says_overflow_and_the_count_is_kept() {
    let name = Name::new("tight");
    for n in 0..10 {
        limit_tight_total { tight: Tight::new(&format!("tight-{n}")), name }.inc();
    }
    assert_eq!(Tight::new("another").as_str(), Symbol::OVERFLOW_VALUE);
    assert_eq!(Tight::try_new("another"), Err(LabelError::OverBudget { budget: 2 }));
    assert_eq!(Tight::try_new("tight-1").map(Tight::as_str), Ok("tight-1"));
    assert_eq!(value(&CONTRACT, r#"limit_tight_total{tight="tight-1",name="tight"}"#), Some(1));
    assert_eq!(value(&CONTRACT, r#"limit_tight_total{tight="__overflow__",name="tight"}"#), Some(8));
    assert_eq!(lost("limit_tight_total", "tight"), 8);
    assert_eq!(lost("limit_tight_total", "name"), 0);
    assert_eq!(lost("limit_tight_total", "__series__"), 0);
}

#[test]
#[emits(limit_eight_total, limit_eight, limit_eight_score)]
fn past_its_limit_a_family_puts_whole_label_sets_into_one_series() {
    for _ in 0..2 {
        for n in 0..20 {
            let name = Name::new(&format!("eight-{n}"));
            limit_eight_total { name }.inc();
            limit_eight { name }.add(1);
            limit_eight_score { name }.observe(1.0);
        }
    }
    let text = text::encode(&CONTRACT);
    for metric in ["limit_eight_total", "limit_eight", "limit_eight_score_count"] {
        let samples = samples_of(&text, metric);
        assert_eq!(samples.len(), 9, "{metric}");
        assert_eq!(samples[format!(r#"{metric}{{name="eight-7"}}"#).as_str()], 2.0);
        assert_eq!(samples[format!(r#"{metric}{{name="__overflow__"}}"#).as_str()], 24.0);
    }
    for metric in ["limit_eight_total", "limit_eight", "limit_eight_score"] {
        assert_eq!(lost(metric, "__series__"), 24, "{metric}");
        assert_eq!(lost(metric, "name"), 0, "{metric}");
    }
    // A handle of a label set past the limit records there too.
    let handle = limit_eight_total { name: Name::new("eight-19") }.handle();
    handle.inc_by(5);
    std::thread::spawn(move || handle.inc_by(6)).join().expect("no panic");
    assert_eq!(value(&CONTRACT, r#"limit_eight_total{name="__overflow__"}"#), Some(24 + 5 + 6));
}

/// Differences add up in a series that several label sets share; a level that one of them sets is dropped.
#[test]
#[emits(limit_level)]
fn past_a_limit_a_gauge_keeps_differences_and_drops_levels() {
    let (first, second) = (Sole::new("first"), Sole::new("second"));
    let level = |labels: &str| value(&CONTRACT, &format!("limit_level{{{labels}}}"));
    let lost_value = || level(r#"sole="__overflow__",name="a""#);
    limit_level { sole: second, name: Name::new("a") }.set(5);
    limit_level { sole: second, name: Name::new("a") }.init();
    let handle = limit_level { sole: second, name: Name::new("a") }.handle();
    handle.set(6);
    assert_eq!((lost_value(), lost("limit_level", "sole")), (None, 4));
    handle.add(2);
    handle.set(7);
    assert_eq!((lost_value(), lost("limit_level", "sole")), (Some(2), 6));

    let lost_set = || level(r#"sole="__overflow__",name="__overflow__""#);
    limit_level { sole: first, name: Name::new("a") }.set(7);
    limit_level { sole: first, name: Name::new("b") }.set(8);
    let handle = limit_level { sole: first, name: Name::new("b") }.handle();
    handle.set(9);
    assert_eq!((lost_set(), lost("limit_level", "__series__")), (None, 3));
    handle.add(2);
    limit_level { sole: first, name: Name::new("c") }.inc();
    handle.set(1);
    assert_eq!((lost_set(), lost("limit_level", "__series__")), (Some(3), 6));
    assert_eq!(level(r#"sole="first",name="a""#), Some(7));
}

#[test]
#[emits(limit_default_total)]
fn a_family_takes_ten_thousand_series_by_default() {
    let name = |n: usize| Name::new(&format!("default-{n}"));
    for n in 0..11_000 {
        limit_default_total { first: name(n / 110), second: name(n % 110) }.inc();
    }
    let text = text::encode(&CONTRACT);
    let samples = samples_of(&text, "limit_default_total");
    assert_eq!(samples.len(), 10_001);
    let overflow = r#"limit_default_total{first="__overflow__",second="__overflow__"}"#;
    assert_eq!(samples[overflow], 1_000.0);
    assert_eq!(samples.values().sum::<f64>(), 11_000.0);
    assert_eq!(lost("limit_default_total", "__series__"), 1_000);
}

#[test]
#[emits(limit_closed_total, limit_absent_total)]
fn the_series_for_what_finds_no_room_carries_the_labels_that_every_series_has() {
    let set = |first, name| limit_closed_total { first, second: first, third: first, fourth: first, name };
    for digit in Digit::ALL {
        set(*digit, Some(Name::new("closed"))).inc();
    }
    let overflow =
        r#"limit_closed_total{first="__overflow__",second="__overflow__",third="__overflow__",fourth="__overflow__"}"#;
    assert_eq!(value(&CONTRACT, overflow), Some(7));

    limit_absent_total { name: None, tight: None }.inc();
    limit_absent_total { name: Some(Name::new("there")), tight: None }.inc_by(2);
    limit_absent_total { name: None, tight: None }.inc_by(10);
    assert_eq!(value(&CONTRACT, "limit_absent_total"), Some(11));
    assert_eq!(value(&CONTRACT, r#"limit_absent_total{name="__overflow__",tight="__overflow__"}"#), Some(2));
    assert_eq!(lost("limit_absent_total", "tight"), 0);
}

/// Series are removed to make room while others take it: the limit holds in every scrape, and what
/// belongs to the owner who stays is all there at the end, in its own series or in the overflow.
#[test]
#[emits(limit_raced_total)]
fn the_limit_holds_while_series_come_and_go() {
    const EACH: u64 = 3_000;
    let owner = |name| Owner { owner: Name::new(name) };
    let ended = Ended::new();
    let stays = |part: usize| limit_raced_total { owner: owner("stays"), name: Name::new(["r-0", "r-1", "r-2"][part]) };
    let mut before = 0.0;
    std::thread::scope(|scope| {
        let _at_last = ended.at_last();
        scope.spawn(|| {
            while !ended.get() {
                CONTRACT.remove(owner("goes"));
            }
        });
        let threads = [0, 1, 2].map(|part| {
            scope.spawn(move || {
                for n in 0..EACH {
                    let name = Name::new(&format!("raced-{}", n % 40));
                    limit_raced_total { owner: owner("goes"), name }.inc();
                    stays(part).inc();
                }
            })
        });
        while !threads.iter().all(|thread| thread.is_finished()) {
            let text = text::encode(&CONTRACT);
            let samples = samples_of(&text, "limit_raced_total");
            assert!(samples.len() <= 9, "{samples:#?}");
            let overflow = samples
                .iter()
                .find(|(series, _)| series.contains(Symbol::OVERFLOW_VALUE))
                .map_or(0.0, |found| *found.1);
            assert!(overflow >= before, "the overflow went from {before} to {overflow}");
            before = overflow;
        }
    });
    CONTRACT.remove(owner("goes"));
    let text = text::encode(&CONTRACT);
    let samples = samples_of(&text, "limit_raced_total");
    let sum: f64 = samples.values().sum();
    let lost = lost("limit_raced_total", "__series__") as f64;
    // The overflow series hold exactly what the loss counters report.
    let overflow =
        samples.iter().find(|(series, _)| series.contains(Symbol::OVERFLOW_VALUE)).map_or(0.0, |found| *found.1);
    assert_eq!(overflow, lost);
    assert!(sum - overflow <= 3.0 * EACH as f64 && sum >= 3.0 * EACH as f64, "{samples:#?}, {lost} lost");
    assert!(!text.contains("goes"));
}
