//! Counting beside removals and scrapes.

use model::{Counters, Workers, check, spawn};

use super::{A, B, C};

#[test]
fn a_removed_series_leaves_nothing_to_the_next_one_in_its_slot() {
    check(None, || {
        let workers = Workers::new();
        let counters = Counters::new(workers);
        let counting = workers.begin();
        counters.add(&counting, A, 1);
        let thread = spawn(move || {
            counters.add(&counting, A, 2);
            counters.add(&counting, B, 10);
            counting
        });
        let other = workers.begin();
        counters.remove(A);
        counters.add(&other, B, 20);
        let counting = thread.join().expect("no panic");

        assert_eq!(counters.sum(B), Some(30));
        // An increment during the removal belongs to the old series or began a new one.
        assert!(matches!(counters.sum(A), None | Some(2)), "{:?}", counters.sum(A));
        let again = counters.remove(A);
        assert!(again <= 1);
        assert_eq!(counters.sum(A), None);
        counters.add(&counting, A, 4);
        counters.add(&other, A, 8);
        assert_eq!(counters.sum(A), Some(12));
    });
}

#[test]
fn a_scrape_beside_a_removal_sees_a_series_whole() {
    check(None, || {
        let workers = Workers::new();
        let counters = Counters::new(workers);
        let counting = workers.begin();
        counters.add(&counting, A, 1);
        let thread = spawn(move || {
            counters.remove(A);
            counters.add(&counting, B, 10);
        });
        let scraping = spawn(move || {
            let series = counters.scrape();
            let possible = [vec![(A, 1)], vec![], vec![(B, 0)], vec![(B, 10)]];
            assert!(possible.contains(&series), "{series:?}");
        });
        thread.join().expect("no panic");
        scraping.join().expect("no panic");
        assert_eq!(counters.scrape(), [(B, 10)]);
    });
}

#[test]
fn scrapes_beside_additions_grow_and_end_exact() {
    check(Some(3), || {
        let workers = Workers::new();
        let counters = Counters::new(workers);
        let counting = workers.begin();
        counters.add(&counting, A, 1);
        let thread = spawn(move || {
            counters.add(&counting, A, 2);
            counters.add(&counting, A, 4);
        });
        let scraping = spawn(move || {
            let first = counters.sum(A).expect("it was made");
            let second = counters.sum(A).expect("it was made");
            assert!((1..=15).contains(&first) && first <= second, "{first} and then {second}");
        });
        counters.add(&workers.begin(), A, 8);
        thread.join().expect("no panic");
        scraping.join().expect("no panic");
        assert_eq!(counters.scrape(), [(A, 15)]);
    });
}

#[test]
fn a_handle_brings_its_series_back_after_a_removal() {
    check(None, || {
        let workers = Workers::new();
        let counters = Counters::new(workers);
        let worker = workers.begin();
        counters.add(&worker, A, 1);
        let handle = counters.resolve(A);
        let thread = spawn(move || {
            counters.add_by(&worker, handle, 2);
            worker
        });
        counters.remove(A);
        counters.add(&workers.begin(), B, 10);
        let worker = thread.join().expect("no panic");

        let beside = counters.sum(A);
        assert!(matches!(beside, None | Some(2)), "{beside:?}");
        counters.add_by(&worker, handle, 4);
        assert_eq!((counters.sum(A), counters.sum(B)), (Some(beside.unwrap_or(0) + 4), Some(10)));
    });
}

#[test]
fn what_misses_an_entry_that_is_moved_counts_all_the_same() {
    check(Some(3), || {
        let workers = Workers::new();
        let counters = Counters::new(workers);
        let worker = workers.begin();
        [A, B, C].iter().for_each(|labels| counters.add(&worker, *labels, 1));
        let thread = spawn(move || [C, B].iter().for_each(|labels| counters.add(&worker, *labels, 2)));
        counters.remove(A);
        thread.join().expect("no panic");
        assert_eq!(counters.scrape(), [(B, 3), (C, 3)]);
    });
}

#[test]
fn a_first_count_by_a_handle_does_not_keep_a_removed_series() {
    check(None, || {
        let workers = Workers::new();
        let counters = Counters::new(workers);
        let worker = workers.begin();
        let handle = counters.resolve(A);
        let thread = spawn(move || {
            counters.add_by(&worker, handle, 2);
            worker
        });
        // The worker's cells may be given to the series before, and never after it is gone.
        counters.remove(A);
        let worker = thread.join().expect("no panic");
        let beside = counters.sum(A);
        assert!(matches!(beside, None | Some(2)), "{beside:?}");
        counters.add_by(&worker, handle, 4);
        assert_eq!(counters.sum(A), Some(beside.unwrap_or(0) + 4));
    });
}
