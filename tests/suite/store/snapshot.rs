//! Snapshots: how a unit test checks recordings.

use std::panic::catch_unwind;
use std::thread;

use fixtures::contracts::units;
use orchq_metrics::{Difference, Labels, contract, emits};

use super::{Digit, Name};

#[derive(Clone, Copy, Debug, Labels)]
struct ByName {
    name: Name,
}

#[contract(name = "store-snapshot", version = "1.0.0")]
mod snapshots {
    use super::*;

    /// Counted.
    #[counter(unit = "1")]
    pub struct snap_total {
        digit: Digit,
    }

    /// Of a name.
    #[counter(unit = "1")]
    pub struct snap_named_total {
        #[labels]
        by: ByName,
    }

    /// Of a name.
    #[gauge(unit = "1")]
    pub struct snap_level {
        #[labels]
        by: ByName,
    }

    /// Of a name.
    #[histogram(unit = "ratio", buckets = [0.5])]
    pub struct snap_score {
        #[labels]
        by: ByName,
    }

    /// Time, in fractions.
    #[counter(unit = "seconds")]
    pub struct snap_busy_seconds_total {
        #[labels]
        by: ByName,
    }
}
use snapshots::*;

fn by(name: &str) -> ByName {
    ByName { name: Name::new(name) }
}

#[emits(snap_total)]
fn count(digit: Digit, n: u64) {
    snap_total { digit }.inc_by(n);
}

#[emits(snap_named_total, snap_level, snap_score, snap_busy_seconds_total)]
fn record(by: ByName) {
    snap_named_total { by }.inc_by(2);
    snap_level { by }.set(-3);
    snap_score { by }.observe(0.25);
    snap_score { by }.observe(0.75);
    snap_busy_seconds_total { by }.inc_by(std::time::Duration::from_millis(250));
}

fn panic_text(work: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = catch_unwind(work).expect_err("it panics");
    panic.downcast_ref::<String>().cloned().expect("a formatted text")
}

fn changes(name: &str, work: impl FnOnce()) -> Difference {
    let before = CONTRACT.snapshot();
    work();
    before.difference().with(by(name))
}

#[test]
fn a_difference_has_what_changed_and_by_how_much() {
    let set = by("changed");
    let before = CONTRACT.snapshot();
    assert_eq!(before.value(snap_named_total { by: set }), None);
    record(set);
    let after = CONTRACT.snapshot();
    assert_eq!(after.value(snap_named_total { by: set }), Some(2.0));
    assert_eq!(after.value(snap_score { by: set }), Some(2.0));
    let change = after.since(&before).with(set);
    change.assert(snap_named_total { by: set }, 2);
    change.assert(snap_level { by: set }, -3);
    change.assert(snap_score { by: set }, 2);
    change.assert(snap_busy_seconds_total { by: set }, 0.25);
    change.assert(snap_total { digit: Digit::D7 }, 0);
    assert_eq!(
        change.to_string(),
        "snap_named_total{name=\"changed\"} +2\n\
         snap_level{name=\"changed\"} from nothing to -3\n\
         snap_score{name=\"changed\"} +2 observations\n\
         snap_busy_seconds_total{name=\"changed\"} +0.25\n"
    );
    assert!(changes("changed", || {}).is_empty());
    assert_eq!(changes("changed", || assert_eq!(CONTRACT.remove(set), 4)).to_string().matches("is gone").count(), 4);
}

#[test]
fn a_failed_assertion_shows_what_did_change() {
    let set = by("named");
    let change = changes("named", || record(set));
    let shown = change.clone();
    assert_eq!(
        panic_text(move || shown.assert(snap_named_total { by: set }, 3)),
        "snap_named_total{name=\"named\"} changed by 2, and 3 was expected; what changed:\n\
         snap_named_total{name=\"named\"} +2\n\
         snap_level{name=\"named\"} from nothing to -3\n\
         snap_score{name=\"named\"} +2 observations\n\
         snap_busy_seconds_total{name=\"named\"} +0.25\n"
    );
    let shown = change.clone();
    assert!(panic_text(move || shown.assert_empty()).starts_with("no change was expected; what changed:\nsnap_named"));
    let shown = changes("named", || {});
    assert_eq!(
        panic_text(move || shown.assert(snap_named_total { by: set }, 1)),
        "snap_named_total{name=\"named\"} changed by 0, and 1 was expected; nothing changed"
    );
    let shown = change.clone();
    assert_eq!(
        panic_text(move || shown.assert(units::unit_plain_seconds {}, 1)),
        "unit_plain_seconds is not a metric of the contract store-snapshot 1.0.0"
    );
}

/// Two tests that run at once, and a third that has nothing to do with snapshots.
#[test]
fn tests_that_run_at_once_do_not_see_each_other() {
    let test = |part: usize| {
        move || {
            // The thread has recorded already, and goes on doing so beside the others.
            count(Digit::D0, 1);
            let name = ["parallel-0", "parallel-1"][part];
            for round in 0..50 {
                let here = CONTRACT.snapshot_of_this_thread();
                count(Digit::D1, part as u64 + 1);
                here.difference().assert(snap_total { digit: Digit::D1 }, part as u32 + 1);
                here.difference().assert(snap_total { digit: Digit::D0 }, 0);
                let change = changes(name, || record(by(name)));
                change.assert(snap_named_total { by: by(name) }, 2);
                assert_eq!(change.to_string().lines().count(), if round == 0 { 4 } else { 3 });
            }
        }
    };
    let threads =
        [thread::spawn(test(0)), thread::spawn(test(1)), thread::spawn(|| (0..500).for_each(|_| count(Digit::D1, 1)))];
    threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
}
