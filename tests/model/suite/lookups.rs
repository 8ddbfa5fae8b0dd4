//! Lookups without a lock beside insertions and removals.

use std::sync::{Arc, Mutex};

use model::{Counters, Labels, Workers, check, spawn};

use super::{A, B, C};

/// Which label set was given each life of a slot, as those who made the series say, and what was
/// found meanwhile, to be compared at the end.
#[derive(Clone, Default)]
struct Lives {
    made: Arc<Mutex<Vec<(u64, Labels)>>>,
    found: Arc<Mutex<Vec<(u64, Labels)>>>,
}

impl Lives {
    fn make(&self, counters: Counters, labels: Labels) -> u64 {
        let life = counters.resolve(labels).life();
        self.made.lock().expect("no panic").push((life, labels));
        life
    }

    fn find(&self, counters: Counters, labels: Labels) -> Option<u64> {
        let life = counters.find(labels)?;
        self.found.lock().expect("no panic").push((life, labels));
        Some(life)
    }

    /// # Panics
    ///
    /// When a lookup found the series of another label set.
    fn assert_true(&self) {
        let made = self.made.lock().expect("no panic");
        for found in &*self.found.lock().expect("no panic") {
            assert!(made.contains(found), "{found:?} is none of {made:?}");
        }
        // No life is given to two label sets.
        assert!(made.iter().all(|one| made.iter().all(|other| one.0 != other.0 || one == other)), "{made:?}");
    }
}

#[test]
fn two_insert_one_label_set_and_it_has_one_series() {
    check(None, || {
        let counters = Counters::new(Workers::new());
        let lives = Lives::default();
        let other = lives.clone();
        let thread = spawn(move || other.make(counters, A));
        let reader = lives.clone();
        let looking = spawn(move || reader.find(counters, A));
        let mine = lives.make(counters, A);
        assert_eq!(counters.find(A), Some(mine));
        assert_eq!(thread.join().expect("no panic"), mine);
        looking.join().expect("no panic");
        assert_eq!(counters.scrape(), [(A, 0)]);
        lives.assert_true();
    });
}

#[test]
fn what_was_inserted_is_found_while_the_index_grows() {
    check(None, || {
        let counters = Counters::new(Workers::new());
        let lives = Lives::default();
        let first = lives.make(counters, A);
        let other = lives.clone();
        // The second series fills the first level.
        let thread = spawn(move || {
            let life = other.make(counters, B);
            assert_eq!(counters.find(B), Some(life));
        });
        let reader = lives.clone();
        let looking = spawn(move || {
            assert_eq!(reader.find(counters, A), Some(first));
            reader.find(counters, B);
            reader.find(counters, C);
        });
        let mine = lives.make(counters, C);
        assert_eq!((counters.find(A), counters.find(C)), (Some(first), Some(mine)));
        thread.join().expect("no panic");
        looking.join().expect("no panic");
        assert_eq!(counters.scrape().len(), 3);
        assert!([A, B, C].iter().all(|labels| lives.find(counters, *labels).is_some()));
        lives.assert_true();
    });
}

#[test]
fn a_lookup_beside_a_removal_finds_no_other_series() {
    check(None, || {
        let counters = Counters::new(Workers::new());
        let lives = Lives::default();
        lives.make(counters, A);
        let reader = lives.clone();
        let looking = spawn(move || {
            reader.find(counters, A);
            reader.find(counters, B);
        });
        assert_eq!(counters.remove(A), 1);
        let other = lives.make(counters, B);
        assert_eq!((counters.find(A), counters.find(B)), (None, Some(other)));
        looking.join().expect("no panic");
        assert_eq!((counters.find(A), counters.find(B)), (None, Some(other)));
        lives.assert_true();
    });
}

#[test]
fn a_lookup_mixes_no_two_lives_of_a_slot() {
    check(Some(3), || {
        let counters = Counters::new(Workers::new());
        let lives = Lives::default();
        lives.make(counters, A);
        let reader = lives.clone();
        let looking = spawn(move || reader.find(counters, A));
        // The slot is another's, and then again the first one's.
        counters.remove(A);
        lives.make(counters, B);
        counters.remove(B);
        let again = lives.make(counters, A);
        looking.join().expect("no panic");
        assert_eq!((counters.find(A), counters.find(B)), (Some(again), None));
        lives.assert_true();
    });
}

#[test]
fn what_a_removal_moves_keeps_its_series() {
    check(None, || {
        let counters = Counters::new(Workers::new());
        let lives = Lives::default();
        let lived = [A, B, C].map(|labels| lives.make(counters, labels));
        let reader = lives.clone();
        // It may miss what is being moved without the lock, and finds it under the lock.
        let looking = spawn(move || {
            assert_eq!(counters.resolve(C).life(), lived[2]);
            reader.find(counters, B);
        });
        counters.remove(A);
        assert_eq!([A, B, C].map(|labels| counters.find(labels)), [None, Some(lived[1]), Some(lived[2])]);
        looking.join().expect("no panic");
        assert_eq!(counters.scrape(), [(B, 0), (C, 0)]);
        lives.assert_true();
    });
}
