//! Threads that end in every possible way: never a panic, never a lost count.

use std::cell::RefCell;
use std::panic::catch_unwind;
use std::thread;

use orchq_metrics::{contract, emits, text};

use super::{Digit, Name, value};

#[contract(name = "store-endings", version = "1.0.0")]
mod endings {
    use super::*;

    /// With an open label.
    #[counter(unit = "1")]
    pub struct ending_total {
        name: Name,
    }

    /// With a label set known beforehand.
    #[counter(unit = "1")]
    pub struct ending_closed_total {
        digit: Digit,
    }

    /// A level.
    #[gauge(unit = "1")]
    pub struct ending_level {
        name: Name,
    }

    /// Observations.
    #[histogram(unit = "ratio", buckets = [0.5])]
    pub struct ending_score {
        name: Name,
    }
}
use endings::*;

#[emits(ending_total, ending_closed_total, ending_level, ending_score)]
fn record(name: &str, digit: Digit) {
    let name = Name::new(name);
    ending_total { name }.inc();
    ending_closed_total { digit }.inc();
    ending_level { name }.inc();
    ending_score { name }.observe(1.0);
    ending_total { name }.handle().inc();
    ending_score { name }.handle().observe(0.0);
}

fn served(name: &str, digit: Digit) -> [u64; 4] {
    [
        format!("ending_total{{name=\"{name}\"}}"),
        format!("ending_closed_total{{digit=\"{digit}\"}}"),
        format!("ending_level{{name=\"{name}\"}}"),
        format!("ending_score_count{{name=\"{name}\"}}"),
    ]
    .map(|series| value(&CONTRACT, &series).unwrap_or(0))
}

/// The sums after `n` calls of [`record`].
fn times(n: u64) -> [u64; 4] {
    [2 * n, n, n, 2 * n]
}

/// Records and scrapes when it is dropped, as the last action of a thread can.
struct Last(&'static str, Digit);

impl Drop for Last {
    fn drop(&mut self) {
        record(self.0, self.1);
        assert!(text::encode(&CONTRACT).contains(self.0));
    }
}

#[test]
fn a_thread_that_panics_loses_nothing_and_breaks_nothing() {
    let quiet = |work: fn()| {
        // `resume_unwind` panics without a message, which would look like a failed test.
        thread::spawn(move || {
            record("panics", Digit::D0);
            let _last = Last("panics", Digit::D0);
            work();
            std::panic::resume_unwind(Box::new(()));
        })
    };
    for _ in 0..10 {
        assert!(quiet(|| {}).join().is_err());
    }
    let caught = catch_unwind(|| {
        let _last = Last("panics", Digit::D0);
        std::panic::resume_unwind(Box::new(()));
    });
    assert!(caught.is_err());
    assert_eq!(served("panics", Digit::D0), times(21));
    record("panics", Digit::D0);
    assert_eq!(served("panics", Digit::D0), times(22));
}

thread_local! {
    static BEFORE: RefCell<Option<Last>> = const { RefCell::new(None) };
    static AFTER: RefCell<Option<Last>> = const { RefCell::new(None) };
}

/// The order in which destructors of thread-locals run is unknown. One is registered before the store's own and
/// one after it, so that one of them runs after the store's.
#[test]
fn what_the_destructors_of_thread_locals_record_is_counted() {
    for _ in 0..20 {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                thread::spawn(|| {
                    BEFORE.set(Some(Last("locals", Digit::D1)));
                    record("locals", Digit::D1);
                    AFTER.set(Some(Last("locals", Digit::D1)));
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    }
    assert_eq!(served("locals", Digit::D1), times(20 * 4 * 3));
}

#[test]
fn a_thread_may_record_for_the_first_time_in_a_destructor() {
    for _ in 0..10 {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                thread::spawn(|| {
                    BEFORE.set(Some(Last("first", Digit::D2)));
                    AFTER.set(Some(Last("first", Digit::D2)));
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    }
    assert_eq!(served("first", Digit::D2), times(10 * 4 * 2));
}

/// As above, in a thread that is panicking, with a handle that another thread has made.
#[test]
#[emits(ending_total)]
fn a_panic_and_destructors_together_lose_nothing() {
    struct Held(orchq_metrics::Handle<ending_total>);
    impl Drop for Held {
        fn drop(&mut self) {
            self.0.inc();
        }
    }
    thread_local!(static HELD: RefCell<Option<Held>> = const { RefCell::new(None) });
    let handle = ending_total { name: Name::new("together") }.handle();
    for round in 1..=10 {
        let thread = thread::spawn(move || {
            HELD.set(Some(Held(handle)));
            handle.inc();
            let _last = Held(handle);
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(thread.join().is_err());
        assert_eq!(value(&CONTRACT, r#"ending_total{name="together"}"#), Some(3 * round));
    }
}
