//! Levels that all threads write.

use model::{Gauges, check, spawn};

use super::{A, B};

#[test]
fn a_write_beside_a_removal_misses_the_next_series() {
    check(None, || {
        let gauges = Gauges::new();
        gauges.add(A, 1);
        let level = gauges.find(A).expect("it was made");
        let thread = spawn(move || level.raise(2));
        assert_eq!(gauges.remove(A), 1);
        gauges.add(B, 100);
        let written = thread.join().expect("no panic");
        assert!(matches!(written, None | Some(3)), "{written:?}");
        assert_eq!(level.raise(4), None);
        assert_eq!(gauges.scrape(), [(B, 100)]);
    });
}

#[test]
fn no_reader_sees_a_new_level_before_its_value() {
    check(None, || {
        let gauges = Gauges::new();
        gauges.add(A, 1);
        let scraping = spawn(move || {
            let series = gauges.scrape();
            let possible = [vec![(A, 1)], vec![], vec![(B, 100)], vec![(B, 300)]];
            assert!(possible.contains(&series), "{series:?}");
        });
        let other = spawn(move || gauges.find(B).and_then(|level| level.raise(200)));
        gauges.remove(A);
        let made = gauges.add(B, 100);
        assert_eq!(made, 100);
        scraping.join().expect("no panic");
        let expected = if other.join().expect("no panic").is_some() { 300 } else { 100 };
        assert_eq!(gauges.scrape(), [(B, expected)]);
    });
}

#[test]
fn no_write_overwrites_another() {
    check(None, || {
        let gauges = Gauges::new();
        gauges.add(A, 100);
        let thread = spawn(move || gauges.add(A, 1));
        gauges.add(A, 10);
        thread.join().expect("no panic");
        assert_eq!(gauges.scrape(), [(A, 111)]);
    });
}

#[test]
fn two_first_writes_make_one_level() {
    check(Some(2), || {
        let gauges = Gauges::new();
        let thread = spawn(move || gauges.add(A, 1));
        let other = spawn(move || gauges.add(A, 10));
        gauges.add(A, 100);
        thread.join().expect("no panic");
        other.join().expect("no panic");
        assert_eq!(gauges.scrape(), [(A, 111)]);
    });
}

#[test]
fn a_writer_sees_its_series_in_a_scrape() {
    check(Some(3), || {
        let gauges = Gauges::new();
        gauges.add(A, 1);
        let other = spawn(move || {
            if gauges.find(B).and_then(|level| level.raise(200)).is_some() {
                assert!(gauges.level(B).is_some(), "the scrape after the write lacks it");
            }
        });
        gauges.add(B, 100);
        other.join().expect("no panic");
    });
}
