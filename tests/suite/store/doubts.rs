//! What the store and the snapshots say of themselves and do not keep.

use std::thread;
use std::time::Duration;

use orchq_metrics::{Labels, contract, emits};

use super::{Digit, Name, samples_of, value};

#[derive(Clone, Copy, Debug, Labels)]
struct ByName {
    name: Name,
}

#[contract(name = "store-doubts", version = "1.0.0")]
mod doubts {
    /// Counted by threads that end.
    #[counter(unit = "1")]
    pub struct doubt_inherited_total {}

    /// Time.
    #[counter(unit = "seconds")]
    pub struct doubt_busy_seconds_total {}
}
use doubts::*;

#[contract(name = "store-doubts-apart", version = "1.0.0")]
mod apart {
    use super::*;

    /// With series that others make.
    #[counter(unit = "1")]
    pub struct apart_total {
        #[labels]
        by: ByName,
    }
}
use apart::*;

#[contract(name = "store-doubts-emptied", version = "1.0.0")]
mod emptied {
    use super::*;

    /// Without labels.
    #[counter(unit = "1")]
    pub struct emptied_plain_total {}

    /// With an open label.
    #[counter(unit = "1")]
    pub struct emptied_total {
        name: Name,
    }
}
use emptied::*;

#[contract(name = "store-doubts-limited", version = "1.0.0")]
mod limited {
    use super::*;

    /// Known beforehand, and limited to fewer.
    #[counter(unit = "1", series_limit = 3)]
    pub struct limited_total {
        digit: Digit,
    }
}

#[emits(doubt_inherited_total)]
fn inherit(n: u64) {
    doubt_inherited_total {}.inc_by(n);
}

/// The first recording of a thread gives it a shard, with what ended threads have counted in it.
#[test]
fn a_thread_that_has_not_recorded_yet_takes_a_snapshot_of_itself() {
    for _ in 0..20 {
        thread::spawn(|| inherit(100)).join().expect("no panic");
        let change = thread::spawn(|| {
            let before = doubts::CONTRACT.snapshot_of_this_thread();
            inherit(1);
            before.difference().of(doubt_inherited_total {})
        });
        assert_eq!(change.join().expect("no panic"), 1.0);
    }
}

#[emits(apart_total)]
fn count_apart(name: &str) {
    apart_total { by: ByName { name: Name::new(name) } }.inc();
}

#[test]
fn what_other_threads_begin_and_retire_is_nothing_that_this_thread_did() {
    count_apart("mine");
    count_apart("retired");
    let before = apart::CONTRACT.snapshot_of_this_thread();
    thread::spawn(|| count_apart("theirs")).join().expect("no panic");
    assert_eq!(before.difference().to_string(), "");
}

#[emits(doubt_busy_seconds_total)]
fn be_busy(milliseconds: u64) {
    doubt_busy_seconds_total {}.inc_by(Duration::from_millis(milliseconds));
}

/// The counter is a whole number of nanoseconds, so that its change is exact before it is a float.
#[test]
fn the_change_of_a_counter_of_time_is_what_was_recorded() {
    be_busy(100);
    let before = doubts::CONTRACT.snapshot();
    be_busy(300);
    before.difference().assert(doubt_busy_seconds_total {}, 0.3);
}

#[emits(emptied_total, emptied_plain_total)]
fn fill() {
    emptied_plain_total {}.inc();
    emptied_total { name: Name::new("emptied") }.inc();
}

/// A metric is a group of labels too, and one without labels names no series.
#[test]
fn to_retire_by_no_label_is_not_to_retire_everything() {
    fill();
    assert_eq!(emptied::CONTRACT.retire(emptied_plain_total {}), 0);
    assert_eq!(value(&emptied::CONTRACT, r#"emptied_total{name="emptied"}"#), Some(1));
}

#[test]
fn a_limit_holds_in_a_family_with_label_sets_known_beforehand() {
    let text = orchq_metrics::text::encode(&limited::CONTRACT);
    assert!(samples_of(&text, "limited_total").len() <= 4, "{text}");
}
