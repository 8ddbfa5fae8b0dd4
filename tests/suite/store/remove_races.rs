//! Removals during recordings: a series that reuses a slot gets nothing of the series before.

use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use orchq_metrics::{Handle, Labels, contract, emits};

use super::{Ended, Name, value};

#[derive(Clone, Copy, Debug, Labels)]
struct Replica {
    replica: Name,
}

#[contract(name = "store-races", version = "1.0.0")]
mod races {
    use super::*;

    /// Of a replica.
    #[counter(unit = "1")]
    pub struct race_count_total {
        #[labels]
        replica: Replica,
    }

    /// Of a replica.
    #[gauge(unit = "1")]
    pub struct race_level {
        #[labels]
        replica: Replica,
    }

    /// Of a replica.
    #[histogram(unit = "ratio", buckets = [0.5])]
    pub struct race_score {
        #[labels]
        replica: Replica,
    }

    /// With a series for each number.
    #[counter(unit = "1")]
    pub struct race_growing_total {
        #[labels]
        replica: Replica,
        name: Name,
    }
}
use races::*;

fn replica(name: &str) -> Replica {
    Replica { replica: Name::new(name) }
}

type Handles = (Handle<race_count_total>, Handle<race_level>, Handle<race_score>);

#[emits(race_count_total, race_level, race_score)]
fn handles(replica: Replica) -> Handles {
    (race_count_total { replica }.handle(), race_level { replica }.handle(), race_score { replica }.handle())
}

fn record((count, level, score): Handles) {
    count.inc();
    level.inc();
    score.observe(0.25);
}

#[emits(race_count_total, race_level, race_score)]
fn record_looked_up(replica: Replica) {
    race_count_total { replica }.inc();
    race_level { replica }.inc();
    race_score { replica }.observe(0.25);
}

fn served(name: &str) -> [Option<u64>; 3] {
    let metrics = ["race_count_total", "race_level", "race_score_count"];
    metrics.map(|metric| value(&CONTRACT, &format!("{metric}{{replica=\"{name}\"}}")))
}

/// Threads record into a series that is removed again and again, while other series take its slots. Those
/// series have exactly what was recorded for them.
#[test]
fn a_recording_during_a_removal_goes_to_no_other_series() {
    const ROUNDS: u64 = 100;
    let (ended, recorded) = (Ended::new(), AtomicU64::new(0));
    let hammered = handles(replica("hammered"));
    let kept = handles(replica("kept"));
    thread::scope(|scope| {
        let at_last = ended.at_last();
        for with_handle in [true, false] {
            let (ended, recorded) = (&ended, &recorded);
            scope.spawn(move || {
                while !ended.get() {
                    if with_handle {
                        record(hammered)
                    } else {
                        record_looked_up(replica("hammered"))
                    }
                    record(kept);
                    recorded.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // A busy machine may start the threads late, but they have to run during the removals.
        for round in 0_u64.. {
            if round >= ROUNDS && recorded.load(Ordering::Relaxed) > ROUNDS {
                break;
            }
            CONTRACT.remove(replica("hammered"));
            let heir = format!("heir-{}", round % 2);
            record(handles(replica(&heir)));
            thread::yield_now();
            record_looked_up(replica(&heir));
            assert_eq!(served(&heir), [Some(2); 3], "round {round}");
            assert_eq!(CONTRACT.remove(replica(&heir)), 3);
        }
        drop(at_last);
    });
    assert_eq!(served("kept"), [Some(recorded.into_inner()); 3]);
}

/// The index grows again and again, and series move in it, while others look theirs up.
#[test]
#[emits(race_growing_total)]
fn lookups_find_their_series_while_the_index_grows_and_shrinks() {
    // With the other series just under four fifths of 4,096, where the index is fullest.
    const SERIES: usize = 2_800;
    // So many that every removal moves some of them.
    const STEADY: usize = 200;
    let (ended, started) = (Ended::new(), Barrier::new(3));
    let set = |owner, n: usize| race_growing_total { replica: replica(owner), name: Name::new(&format!("grow-{n}")) };
    let rounds: Vec<u64> = thread::scope(|scope| {
        let at_last = ended.at_last();
        let lookups: Vec<_> = (0..2)
            .map(|_| {
                let (ended, started) = (&ended, &started);
                scope.spawn(move || {
                    let mut rounds = 0;
                    loop {
                        (0..STEADY).for_each(|n| set("steady", n).inc());
                        rounds += 1;
                        if rounds == 1 {
                            started.wait();
                        } else if ended.get() {
                            return rounds;
                        }
                    }
                })
            })
            .collect();
        started.wait();
        for _ in 0..3 {
            (0..SERIES).for_each(|n| set("passing", n).inc());
            // These come last, so that their slots are taken, and they move when the slots become free.
            (0..STEADY).for_each(|n| set("beside", n * (SERIES / STEADY)).inc());
            assert_eq!(CONTRACT.remove(replica("passing")), SERIES);
        }
        drop(at_last);
        lookups.into_iter().map(|lookup| lookup.join().expect("no panic")).collect()
    });
    for n in 0..STEADY {
        let series = format!("race_growing_total{{replica=\"steady\",name=\"grow-{n}\"}}");
        assert_eq!(value(&CONTRACT, &series), Some(rounds.iter().sum::<u64>()), "{series}");
    }
    for n in 0..STEADY {
        let series = format!("race_growing_total{{replica=\"beside\",name=\"grow-{}\"}}", n * (SERIES / STEADY));
        assert_eq!(value(&CONTRACT, &series), Some(3), "{series}");
    }
}
