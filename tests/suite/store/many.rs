//! Many families and many threads: most families are past those that a thread finds at once.

use std::sync::Barrier;
use std::thread;

use orchq_metrics::{contract, emits, text};

use super::{Digit, Name, samples_of, value};

macro_rules! many {
    ($($closed:ident $open:ident $level:ident $score:ident,)*) => {
        #[contract(name = "store-many", version = "1.0.0")]
        mod many {
            use super::*;

            $(
                /// With a label set known beforehand, or none.
                #[counter(unit = "1")]
                pub struct $closed {
                    digit: Option<Digit>,
                }

                /// With an open label.
                #[counter(unit = "1")]
                pub struct $open {
                    name: Name,
                }

                /// A level.
                #[gauge(unit = "1")]
                pub struct $level {
                    name: Name,
                }

                /// Observations.
                #[histogram(unit = "ratio", buckets = [0.5])]
                pub struct $score {
                    digit: Option<Digit>,
                }
            )*
        }
        use many::*;

        #[emits($($closed, $open, $level, $score),*)]
        fn record(name: Name, digit: Option<Digit>) {
            $(
                $closed { digit }.inc();
                $open { name }.inc();
                $level { name }.inc();
                $score { digit }.observe(0.5);
            )*
        }

        #[emits($($open),*)]
        fn record_with_handles(name: Name) {
            let handles = ($($open { name }.handle(),)*);
            let ($($open,)*) = handles;
            for _ in 0..3 {
                $($open.inc();)*
            }
        }

        const CLOSED: &[&str] = &[$(stringify!($closed)),*];
        const OPEN: &[&str] = &[$(stringify!($open)),*];
        const LEVEL: &[&str] = &[$(stringify!($level)),*];
        const SCORE: &[&str] = &[$(stringify!($score)),*];
    };
}

many! {
    many_closed_0_total many_open_0_total many_level_0 many_score_0,
    many_closed_1_total many_open_1_total many_level_1 many_score_1,
    many_closed_2_total many_open_2_total many_level_2 many_score_2,
    many_closed_3_total many_open_3_total many_level_3 many_score_3,
    many_closed_4_total many_open_4_total many_level_4 many_score_4,
    many_closed_5_total many_open_5_total many_level_5 many_score_5,
    many_closed_6_total many_open_6_total many_level_6 many_score_6,
    many_closed_7_total many_open_7_total many_level_7 many_score_7,
    many_closed_8_total many_open_8_total many_level_8 many_score_8,
    many_closed_9_total many_open_9_total many_level_9 many_score_9,
    many_closed_10_total many_open_10_total many_level_10 many_score_10,
    many_closed_11_total many_open_11_total many_level_11 many_score_11,
    many_closed_12_total many_open_12_total many_level_12 many_score_12,
    many_closed_13_total many_open_13_total many_level_13 many_score_13,
    many_closed_14_total many_open_14_total many_level_14 many_score_14,
    many_closed_15_total many_open_15_total many_level_15 many_score_15,
    many_closed_16_total many_open_16_total many_level_16 many_score_16,
    many_closed_17_total many_open_17_total many_level_17 many_score_17,
    many_closed_18_total many_open_18_total many_level_18 many_score_18,
    many_closed_19_total many_open_19_total many_level_19 many_score_19,
    many_closed_20_total many_open_20_total many_level_20 many_score_20,
    many_closed_21_total many_open_21_total many_level_21 many_score_21,
    many_closed_22_total many_open_22_total many_level_22 many_score_22,
    many_closed_23_total many_open_23_total many_level_23 many_score_23,
    many_closed_24_total many_open_24_total many_level_24 many_score_24,
}

#[test]
fn a_hundred_families_are_counted_each_by_each_of_many_threads_at_once() {
    const THREADS: usize = 300;
    // No thread ends before all have begun, so that no two use one shard.
    let together = Barrier::new(THREADS);
    thread::scope(|scope| {
        for part in 0..THREADS {
            let together = &together;
            scope.spawn(move || {
                together.wait();
                record(Name::new("many"), (part % 2 == 0).then_some(Digit::D5));
                record(Name::new("many"), None);
                together.wait();
            });
        }
    });
    let text = text::encode(&CONTRACT);
    let all = THREADS as f64;
    for (n, metric) in CLOSED.iter().enumerate() {
        let samples = samples_of(&text, metric);
        assert_eq!(samples.len(), 9, "{metric}");
        assert_eq!(samples[format!("{metric}{{digit=\"5\"}}").as_str()], all / 2.0, "{metric}");
        assert_eq!(samples[*metric], all * 1.5, "{metric}");
        for metric in [OPEN[n], LEVEL[n]] {
            let samples = samples_of(&text, metric);
            assert_eq!(samples[format!("{metric}{{name=\"many\"}}").as_str()], all * 2.0, "{metric}");
        }
        assert_eq!(
            samples_of(&text, &format!("{}_count", SCORE[n]))[format!("{}_count", SCORE[n]).as_str()],
            all * 1.5
        );
    }
}

#[test]
fn handles_of_many_families_are_of_their_own_families() {
    for _ in 0..5 {
        thread::spawn(|| record_with_handles(Name::new("handles"))).join().expect("no panic");
    }
    for metric in OPEN {
        assert_eq!(value(&CONTRACT, &format!("{metric}{{name=\"handles\"}}")), Some(15), "{metric}");
    }
}
