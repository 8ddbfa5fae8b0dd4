//! Lookups without a lock beside insertions and removals.

use std::sync::{Arc, Mutex};

use model::{Counters, Labels, Workers, check, spawn};

use super::{A, B, C};

/// The label set of each generation of a slot, as the threads that created the series report it, and what
/// lookups found meanwhile. Both are compared at the end.
#[derive(Clone, Default)]
struct Generations {
    made: Arc<Mutex<Vec<(u64, Labels)>>>,
    found: Arc<Mutex<Vec<(u64, Labels)>>>,
}

impl Generations {
    fn make(&self, counters: Counters, labels: Labels) -> u64 {
        let generation = counters.resolve(labels).generation();
        self.made.lock().expect("no panic").push((generation, labels));
        generation
    }

    fn find(&self, counters: Counters, labels: Labels) -> Option<u64> {
        let generation = counters.find(labels)?;
        self.found.lock().expect("no panic").push((generation, labels));
        Some(generation)
    }

    /// # Panics
    ///
    /// When a lookup found the series of another label set.
    fn assert_true(&self) {
        let made = self.made.lock().expect("no panic");
        for found in &*self.found.lock().expect("no panic") {
            assert!(made.contains(found), "{found:?} is not one of {made:?}");
        }
        // No generation is given to two label sets.
        assert!(made.iter().all(|one| made.iter().all(|other| one.0 != other.0 || one == other)), "{made:?}");
    }
}

#[test]
fn two_insert_one_label_set_and_it_has_one_series() {
    check(None, || {
        let counters = Counters::new(Workers::new());
        let generations = Generations::default();
        let other = generations.clone();
        let thread = spawn(move || other.make(counters, A));
        let reader = generations.clone();
        let looking = spawn(move || reader.find(counters, A));
        let mine = generations.make(counters, A);
        assert_eq!(counters.find(A), Some(mine));
        assert_eq!(thread.join().expect("no panic"), mine);
        looking.join().expect("no panic");
        assert_eq!(counters.scrape(), [(A, 0)]);
        generations.assert_true();
    });
}

#[test]
fn what_was_inserted_is_found_while_the_index_grows() {
    check(None, || {
        let counters = Counters::new(Workers::new());
        let generations = Generations::default();
        let first = generations.make(counters, A);
        let other = generations.clone();
        // The second series fills the first level.
        let thread = spawn(move || {
            let generation = other.make(counters, B);
            assert_eq!(counters.find(B), Some(generation));
        });
        let reader = generations.clone();
        let looking = spawn(move || {
            assert_eq!(reader.find(counters, A), Some(first));
            reader.find(counters, B);
            reader.find(counters, C);
        });
        let mine = generations.make(counters, C);
        assert_eq!((counters.find(A), counters.find(C)), (Some(first), Some(mine)));
        thread.join().expect("no panic");
        looking.join().expect("no panic");
        assert_eq!(counters.scrape().len(), 3);
        assert!([A, B, C].iter().all(|labels| generations.find(counters, *labels).is_some()));
        generations.assert_true();
    });
}

#[test]
fn a_lookup_beside_a_removal_finds_no_other_series() {
    check(None, || {
        let counters = Counters::new(Workers::new());
        let generations = Generations::default();
        generations.make(counters, A);
        let reader = generations.clone();
        let looking = spawn(move || {
            reader.find(counters, A);
            reader.find(counters, B);
        });
        assert_eq!(counters.remove(A), 1);
        let other = generations.make(counters, B);
        assert_eq!((counters.find(A), counters.find(B)), (None, Some(other)));
        looking.join().expect("no panic");
        assert_eq!((counters.find(A), counters.find(B)), (None, Some(other)));
        generations.assert_true();
    });
}

#[test]
fn a_lookup_mixes_no_two_lives_of_a_slot() {
    check(Some(3), || {
        let counters = Counters::new(Workers::new());
        let generations = Generations::default();
        generations.make(counters, A);
        let reader = generations.clone();
        let looking = spawn(move || reader.find(counters, A));
        // The slot is another's, and then again the first one's.
        counters.remove(A);
        generations.make(counters, B);
        counters.remove(B);
        let again = generations.make(counters, A);
        looking.join().expect("no panic");
        assert_eq!((counters.find(A), counters.find(B)), (Some(again), None));
        generations.assert_true();
    });
}

#[test]
fn entries_that_a_removal_moves_keep_their_series() {
    check(None, || {
        let counters = Counters::new(Workers::new());
        let generations = Generations::default();
        let known = [A, B, C].map(|labels| generations.make(counters, labels));
        let reader = generations.clone();
        // Without the lock it may miss an entry that is being moved; under the lock it finds it.
        let looking = spawn(move || {
            assert_eq!(counters.resolve(C).generation(), known[2]);
            reader.find(counters, B);
        });
        counters.remove(A);
        assert_eq!([A, B, C].map(|labels| counters.find(labels)), [None, Some(known[1]), Some(known[2])]);
        looking.join().expect("no panic");
        assert_eq!(counters.scrape(), [(B, 0), (C, 0)]);
        generations.assert_true();
    });
}
