//! No increment is lost or counted twice, whatever other threads do, and no scrape is below the one before.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use orchq_metrics::{Handle, Labels, contract, emits, text};
use prometheus::Registry;

use super::{Digit, Ended, Name, samples, value};

const SOAK: Duration = Duration::from_secs(3);
/// What each thread does before it ends.
const ROUNDS: u64 = 60;

/// By which series are removed.
#[derive(Clone, Copy, Debug, Labels)]
struct Owner {
    owner: Name,
}

#[contract(name = "store-exactness", version = "1.0.0")]
mod exactness {
    use super::*;

    /// With label sets known beforehand.
    #[counter(unit = "1")]
    pub struct exact_closed_total {
        digit: Digit,
        other: Option<Digit>,
    }

    /// With label sets that come and go.
    #[counter(unit = "1")]
    pub struct exact_open_total {
        #[labels]
        owner: Owner,
        name: Option<Name>,
    }

    /// Without labels.
    #[histogram(unit = "ratio", buckets = [0.25, 0.5])]
    pub struct exact_plain {}

    /// With label sets that come and go.
    #[histogram(unit = "ratio", buckets = [0.25, 0.5])]
    pub struct exact_score {
        #[labels]
        owner: Owner,
        name: Option<Name>,
    }

    /// A level that all threads move.
    #[gauge(unit = "1")]
    pub struct exact_level {
        #[labels]
        owner: Owner,
    }
}
use exactness::*;

#[derive(Default)]
struct Tally {
    threads: AtomicU64,
    counted: AtomicU64,
    level: AtomicI64,
    removed: AtomicU64,
    scrapes: AtomicU64,
}

impl Tally {
    /// Whether threads, scrapes and removals have run at the same time. A busy machine may start some of them late.
    fn has_enough(&self) -> bool {
        let [threads, scrapes, removed] =
            [&self.threads, &self.scrapes, &self.removed].map(|count| count.load(Ordering::Relaxed));
        threads > 4 && scrapes > 2 && removed > 0
    }
}

fn owner(name: &str) -> Owner {
    Owner { owner: Name::new(name) }
}

#[emits(exact_open_total, exact_level)]
fn handles() -> (Handle<exact_open_total>, Handle<exact_level>) {
    (exact_open_total { owner: owner("stays"), name: None }.handle(), exact_level { owner: owner("stays") }.handle())
}

/// The work of one thread. Adds up all that it records for the owner that stays.
#[emits(exact_closed_total, exact_open_total, exact_plain, exact_score, exact_level)]
fn live(seed: u64, open: Handle<exact_open_total>, level: Handle<exact_level>, tally: &Tally) {
    for round in 0..ROUNDS {
        let n = seed * ROUNDS + round;
        let name = Some(Name::new(&format!("exact-{}", n % 700)));
        let digit = Digit::ALL[n as usize % Digit::ALL.len()];
        exact_closed_total { digit, other: n.is_multiple_of(3).then_some(digit) }.inc();
        exact_open_total { owner: owner("stays"), name }.inc();
        open.inc();
        exact_plain {}.observe((n % 4) as f64 / 4.0);
        exact_score { owner: owner("stays"), name }.observe((n % 4) as f64 / 4.0);
        level.add(n as i64 % 5 - 2);
        exact_level { owner: owner("stays") }.inc();
        tally.level.fetch_add(n as i64 % 5 - 1, Ordering::Relaxed);
        tally.counted.fetch_add(1, Ordering::Relaxed);

        let goes = owner(["goes-0", "goes-1", "goes-2"][n as usize % 3]);
        exact_open_total { owner: goes, name }.inc();
        exact_score { owner: goes, name }.observe(1.0);
        exact_level { owner: goes }.inc();
    }
    tally.threads.fetch_add(1, Ordering::Relaxed);
}

/// Counters never decrease; buckets are cumulative, and the last one is the count.
fn examine(text: &str, before: &mut HashMap<String, f64>) {
    let samples = samples(text);
    let grows = |series: &str| {
        let stays = series.contains("stays") || !series.contains("owner");
        stays && ["_total", "_bucket", "_count", "_sum"].iter().any(|part| series.contains(part))
    };
    for (series, number) in &samples {
        if grows(series) {
            let earlier = before.insert((*series).to_owned(), *number).unwrap_or_default();
            assert!(*number >= earlier, "{series} went from {earlier} to {number}");
        }
        if let Some((head, labels)) = series.split_once("_count") {
            let bucket = |bound: &str| {
                let labels = labels.strip_suffix('}').map_or("{".to_owned(), |labels| format!("{labels},"));
                samples[format!("{head}_bucket{labels}le=\"{bound}\"}}").as_str()]
            };
            assert!(bucket("0.25") <= bucket("0.5") && bucket("0.5") <= bucket("+Inf"), "{series}");
            assert_eq!(bucket("+Inf"), *number, "{series}");
        }
    }
    for series in before.keys() {
        assert!(samples.contains_key(series.as_str()), "{series} is gone");
    }
}

fn scrape(ended: &Ended, tally: &Tally, mut take: impl FnMut() -> String) {
    let mut before = HashMap::new();
    while !ended.get() {
        examine(&take(), &mut before);
        tally.scrapes.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn nothing_is_lost_or_counted_twice_while_everything_goes_on() {
    let (tally, ended) = (Tally::default(), Ended::new());
    let registry = Registry::new();
    CONTRACT.register(&registry).expect("an empty registry");
    let (open, level) = handles();
    thread::scope(|scope| {
        let _at_last = ended.at_last();
        scope.spawn(|| scrape(&ended, &tally, || text::encode(&CONTRACT)));
        scope.spawn(|| scrape(&ended, &tally, || text::encode(&CONTRACT)));
        scope.spawn(|| scrape(&ended, &tally, || crate::gathered(&registry)));
        scope.spawn(|| {
            while !ended.get() {
                for goes in ["goes-0", "goes-1", "goes-2"] {
                    tally.removed.fetch_add(CONTRACT.remove(owner(goes)) as u64, Ordering::Relaxed);
                }
                thread::yield_now();
            }
        });
        let spawners: Vec<_> = (0..3_u64)
            .map(|part| {
                let tally = &tally;
                let spawner = move || {
                    let begun = Instant::now();
                    for life in 0_u64.. {
                        if begun.elapsed() > SOAK && tally.has_enough() {
                            break;
                        }
                        let threads = [0, 1]
                            .map(|twin| scope.spawn(move || live(6 * life + 2 * part + twin, open, level, tally)));
                        threads.into_iter().for_each(|thread| thread.join().expect("no emission panics"));
                    }
                };
                scope.spawn(spawner)
            })
            .collect();
        spawners.into_iter().for_each(|spawner| spawner.join().expect("no emission panics"));
    });

    let counted = tally.counted.load(Ordering::Relaxed);
    let text = text::encode(&CONTRACT);
    let sum = |part: &str, label: &str| -> f64 {
        let of = |series: &str| series.starts_with(part) && series.contains(label);
        samples(&text).iter().filter(|(series, _)| of(series)).map(|(_, number)| number).sum()
    };
    assert_eq!(counted, tally.threads.load(Ordering::Relaxed) * ROUNDS);
    assert_eq!(sum("exact_closed_total", ""), counted as f64);
    assert_eq!(sum("exact_open_total", "stays"), 2.0 * counted as f64);
    assert_eq!(value::<u64>(&CONTRACT, r#"exact_open_total{owner="stays"}"#), Some(counted));
    assert_eq!(sum("exact_score_count", "stays"), counted as f64);
    assert_eq!(value::<u64>(&CONTRACT, "exact_plain_count"), Some(counted));
    // Quarters are exact in binary, so their sum does not depend on the order.
    let values = sum("exact_score_sum", "stays");
    assert_eq!(value::<f64>(&CONTRACT, "exact_plain_sum"), Some(values));
    assert_eq!(value::<i64>(&CONTRACT, r#"exact_level{owner="stays"}"#), Some(tally.level.load(Ordering::Relaxed)));
}
