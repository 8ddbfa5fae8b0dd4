//! The promises of snapshots and removals that are easily broken.

use std::thread;
use std::time::Duration;

use orchq_metrics::{Handle, Label, Labels, Symbol, contract, emits};

use super::{Name, value};

#[derive(Clone, Copy, Debug, Labels)]
struct ByName {
    name: Name,
}

#[contract(name = "store-edges", version = "1.0.0")]
mod edges {
    /// Counted by threads that end.
    #[counter(unit = "1")]
    pub struct edge_inherited_total {}

    /// Time.
    #[counter(unit = "seconds")]
    pub struct edge_busy_seconds_total {}
}
use edges::*;

#[contract(name = "store-edges-apart", version = "1.0.0")]
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

#[contract(name = "store-edges-emptied", version = "1.0.0")]
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

#[emits(edge_inherited_total)]
fn inherit(n: u64) {
    edge_inherited_total {}.inc_by(n);
}

/// The first recording of a thread gives it a shard, with what ended threads have counted in it.
#[test]
fn a_thread_that_has_not_recorded_yet_takes_a_snapshot_of_itself() {
    for _ in 0..20 {
        thread::spawn(|| inherit(100)).join().expect("no panic");
        let change = thread::spawn(|| {
            let before = edges::CONTRACT.snapshot_of_this_thread();
            inherit(1);
            before.difference().change(edge_inherited_total {})
        });
        assert_eq!(change.join().expect("no panic"), 1.0);
    }
}

#[emits(apart_total)]
fn count_apart(name: &str) {
    apart_total { by: ByName { name: Name::new(name) } }.inc();
}

#[test]
fn changes_by_other_threads_are_not_those_of_this_thread() {
    count_apart("mine");
    count_apart("removed");
    let before = apart::CONTRACT.snapshot_of_this_thread();
    thread::spawn(|| count_apart("theirs")).join().expect("no panic");
    assert_eq!(before.difference().to_string(), "");
}

#[emits(edge_busy_seconds_total)]
fn be_busy(milliseconds: u64) {
    edge_busy_seconds_total {}.inc_by(Duration::from_millis(milliseconds));
}

/// The counter is a whole number of nanoseconds, so that its change is exact before it is a float.
#[test]
fn the_change_of_a_time_counter_is_exact() {
    be_busy(100);
    let before = edges::CONTRACT.snapshot();
    be_busy(300);
    before.difference().assert(edge_busy_seconds_total {}, 0.3);
}

#[emits(emptied_total, emptied_plain_total)]
fn fill() {
    emptied_plain_total {}.inc();
    emptied_total { name: Name::new("emptied") }.inc();
}

/// A metric without labels, used as a group of labels, selects no series.
#[test]
fn removing_by_no_label_does_not_remove_everything() {
    fill();
    assert_eq!(emptied::CONTRACT.remove(emptied_plain_total {}), 0);
    assert_eq!(value(&emptied::CONTRACT, r#"emptied_total{name="emptied"}"#), Some(1));
}

#[contract(name = "store-edges-full", version = "1.0.0")]
mod full {
    use super::*;

    /// With room for two.
    #[counter(unit = "1", series_limit = 2)]
    pub struct full_total {
        #[labels]
        by: ByName,
    }

    /// With room for two.
    #[gauge(unit = "1", series_limit = 2)]
    pub struct full_level {
        #[labels]
        by: ByName,
    }
}
use full::*;

#[emits(full_total, full_level)]
fn hold(name: &str) -> (Handle<full_total>, Handle<full_level>) {
    let by = ByName { name: Name::new(name) };
    (full_total { by }.handle(), full_level { by }.handle())
}

/// A handle made while the family is full records in the overflow, and in its own series as soon as there is room.
#[test]
fn a_handle_leaves_the_overflow_when_there_is_room() {
    let _ = hold("first");
    let _ = hold("second");
    let (count, level) = hold("third");
    count.inc();
    level.set(3);
    assert_eq!(value(&full::CONTRACT, r#"full_total{name="__overflow__"}"#), Some(1));
    assert_eq!(full::CONTRACT.remove(ByName { name: Name::new("first") }), 2);
    count.inc_by(5);
    level.set(7);
    assert_eq!(value(&full::CONTRACT, r#"full_total{name="third"}"#), Some(5));
    assert_eq!(value(&full::CONTRACT, r#"full_level{name="third"}"#), Some(7));
    assert_eq!(value(&full::CONTRACT, r#"full_total{name="__overflow__"}"#), Some(1));
}

#[test]
fn a_difference_of_one_thread_has_no_gauges() {
    let _ = hold("first");
    let before = full::CONTRACT.snapshot_of_this_thread();
    let by = ByName { name: Name::new("first") };
    let asked = std::panic::catch_unwind(|| before.difference().change(full_level { by }));
    let message = *asked.expect_err("it is rejected").downcast::<String>().expect("a message");
    assert!(message.starts_with("all threads share the level of full_level"), "{message}");
}

/// A label with room for one value, so that a value is lost before the family is full.
#[derive(Clone, Copy, Debug, Label)]
#[label(budget = 2)]
struct Tight(Symbol);

#[derive(Clone, Copy, Debug, Labels)]
struct ByTight {
    tight: Tight,
}

#[contract(name = "store-edges-tight", version = "1.0.0")]
mod tight {
    use super::*;

    /// With room for one.
    #[counter(unit = "1", series_limit = 1)]
    pub struct tight_total {
        #[labels]
        by: ByTight,
    }
}
use tight::*;

#[emits(tight_total)]
fn squeeze(tight: Tight) -> Handle<tight_total> {
    tight_total { by: ByTight { tight } }.handle()
}

/// A label set whose values are past their budgets is the one of the overflow series, whichever comes first.
#[test]
fn the_overflow_takes_no_room_and_holds_no_handle() {
    let [a, b, lost] = ["a", "b", "c"].map(Tight::new);
    squeeze(lost).inc();
    squeeze(a).inc();
    let handle = squeeze(b);
    handle.inc();
    assert_eq!(value(&tight::CONTRACT, r#"tight_total{tight="__overflow__"}"#), Some(2));
    assert_eq!(tight::CONTRACT.remove(ByTight { tight: a }), 1);
    handle.inc_by(5);
    assert_eq!(value(&tight::CONTRACT, r#"tight_total{tight="b"}"#), Some(5));
    assert_eq!(value(&tight::CONTRACT, r#"tight_total{tight="__overflow__"}"#), Some(2));
}

#[contract(name = "store-edges-again", version = "1.0.0")]
mod again {
    use super::*;

    /// Removed between two snapshots.
    #[counter(unit = "1")]
    pub struct again_total {
        #[labels]
        by: ByName,
    }
}
use again::*;

fn again_metric() -> again_total {
    again_total { by: ByName { name: Name::new("again") } }
}

#[emits(again_total)]
fn count_again(n: u64) {
    again_total { by: ByName { name: Name::new("again") } }.inc_by(n);
}

/// A counter that began again is counted from zero, also if it is above its old value, or equal to it.
#[test]
fn a_difference_sees_that_a_series_began_again() {
    for again in [5_u32, 3] {
        let metric = again_metric();
        count_again(3);
        let before = again::CONTRACT.snapshot();
        again::CONTRACT.remove(metric);
        count_again(again.into());
        before.difference().assert(metric, f64::from(again));
        again::CONTRACT.remove(metric);
    }
}
