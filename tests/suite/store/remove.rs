//! Series that are removed, and what still holds on to them.

use std::sync::mpsc;
use std::thread;

use orchq_metrics::{Handle, Label, Labels, Symbol, contract, emits, text};

use super::{Digit, Name, samples_of, value};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Label)]
#[label(budget = 4)]
pub struct Scarce(Symbol);

#[derive(Clone, Copy, Debug, Labels)]
struct Replica {
    pool: Name,
    replica: Name,
}

/// With a label that not every member has.
#[derive(Clone, Copy, Debug, Labels)]
struct Member {
    pool: Name,
    zone: Option<Digit>,
}

#[contract(name = "store-remove", version = "1.0.0")]
mod remove {
    use super::*;

    /// Of a replica.
    #[counter(unit = "1")]
    pub struct remove_count_total {
        #[labels]
        replica: Replica,
        digit: Option<Digit>,
    }

    /// Of a replica.
    #[gauge(unit = "1")]
    pub struct remove_level {
        digit: Digit,
        #[labels]
        replica: Replica,
    }

    /// Of a replica.
    #[histogram(unit = "ratio", buckets = [0.5])]
    pub struct remove_score {
        #[labels]
        replica: Replica,
    }

    /// Of a pool.
    #[counter(unit = "1")]
    pub struct remove_pool_total {
        pool: Name,
    }

    /// Of a member.
    #[counter(unit = "1")]
    pub struct remove_member_total {
        #[labels]
        member: Member,
        name: Name,
    }

    /// With room for few, and a label with room for few.
    #[counter(unit = "1", series_limit = 3)]
    pub struct remove_scarce_total {
        scarce: Scarce,
        name: Name,
    }
}
use remove::*;

fn replica(name: &str) -> Replica {
    Replica { pool: Name::new("pool"), replica: Name::new(name) }
}

type Handles = (Handle<remove_count_total>, Handle<remove_level>, Handle<remove_score>);

#[emits(remove_count_total, remove_level, remove_score)]
fn handles(replica: Replica) -> Handles {
    (
        remove_count_total { replica, digit: None }.handle(),
        remove_level { digit: Digit::D3, replica }.handle(),
        remove_score { replica }.handle(),
    )
}

fn record((count, level, score): Handles, n: u64) {
    count.inc_by(n);
    level.add(n as i64);
    (0..n).for_each(|_| score.observe(0.5));
}

/// Counter, gauge, and a histogram's sum, of a replica.
fn served(name: &str) -> [Option<f64>; 3] {
    let labels = format!("pool=\"pool\",replica=\"{name}\"");
    let of = |series: String| value(&CONTRACT, &series);
    [
        of(format!("remove_count_total{{{labels}}}")),
        of(format!("remove_level{{digit=\"3\",{labels}}}")),
        of(format!("remove_score_sum{{{labels}}}")),
    ]
}

#[test]
#[emits(remove_pool_total)]
fn every_series_of_a_replica_leaves_and_no_other() {
    let (gone, stays) = (replica("gone"), replica("stays"));
    record(handles(gone), 2);
    record(handles(stays), 4);
    remove_pool_total { pool: gone.pool }.inc();
    assert_eq!(CONTRACT.remove(gone), 3);
    assert_eq!(served("gone"), [None; 3]);
    assert!(!text::encode(&CONTRACT).contains("\"gone\""));
    assert_eq!(served("stays"), [Some(4.0), Some(4.0), Some(2.0)]);
    assert_eq!(value(&CONTRACT, r#"remove_pool_total{pool="pool"}"#), Some(1));
    assert_eq!(CONTRACT.remove(gone), 0);
}

#[test]
fn a_handle_brings_its_series_back_when_it_records_and_from_zero() {
    let held = handles(replica("held"));
    record(held, 6);
    // Another thread has recorded with the same handles, and does so again.
    let (send, receive) = mpsc::channel::<u64>();
    let (done, wait) = mpsc::channel();
    let other = thread::spawn(move || {
        for n in receive {
            record(held, n);
            done.send(()).expect("the test waits");
        }
    });
    let elsewhere = |n| {
        send.send(n).expect("the thread waits");
        wait.recv().expect("no panic");
    };
    elsewhere(2);
    assert_eq!(served("held"), [Some(8.0), Some(8.0), Some(4.0)]);

    assert_eq!(CONTRACT.remove(replica("held")), 3);
    let copy = held;
    assert_eq!(served("held"), [None; 3], "holding and copying a handle record nothing");
    elsewhere(4);
    assert_eq!(served("held"), [Some(4.0), Some(4.0), Some(2.0)], "from zero");
    record(copy, 2);
    record(handles(replica("held")), 4);
    assert_eq!(served("held"), [Some(10.0), Some(10.0), Some(5.0)]);

    assert_eq!(CONTRACT.remove(replica("held")), 3);
    // Other series take the slots. They get nothing of the old values, and nothing that the old handles record.
    record(handles(replica("next")), 2);
    record(held, 4);
    elsewhere(4);
    assert_eq!(served("next"), [Some(2.0), Some(2.0), Some(1.0)]);
    assert_eq!(served("held"), [Some(8.0), Some(8.0), Some(4.0)]);
    drop(send);
    other.join().expect("no panic");
}

#[test]
#[emits(remove_level)]
fn a_gauge_that_comes_back_is_set_or_moved_from_zero() {
    let set = |replica| remove_level { digit: Digit::D3, replica }.handle();
    let (one, two) = (set(replica("set")), set(replica("moved")));
    one.set(7);
    two.set(7);
    CONTRACT.remove(replica("set"));
    CONTRACT.remove(replica("moved"));
    one.set(-2);
    two.sub(1);
    assert_eq!(served("set")[1], Some(-2.0));
    assert_eq!(served("moved")[1], Some(-1.0));
}

#[test]
#[emits(remove_member_total)]
fn an_absent_label_is_a_value_to_remove_by() {
    let record = |zone, name| {
        let member = Member { pool: Name::new("zones"), zone };
        remove_member_total { member, name: Name::new(name) }.inc();
        member
    };
    let nowhere = record(None, "a");
    record(None, "b");
    let first = record(Some(Digit::D0), "a");
    record(Some(Digit::D1), "a");
    let names = || {
        let text = text::encode(&CONTRACT);
        samples_of(&text, "remove_member_total").into_keys().map(|series| series[19..].to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(CONTRACT.remove(nowhere), 2);
    assert_eq!(names(), [r#"{pool="zones",zone="0",name="a"}"#, r#"{pool="zones",zone="1",name="a"}"#]);
    assert_eq!(CONTRACT.remove(first), 1);
    assert_eq!(names(), [r#"{pool="zones",zone="1",name="a"}"#]);
}

#[derive(Clone, Copy, Debug, Labels)]
struct ByScarce {
    scarce: Scarce,
}

#[derive(Clone, Copy, Debug, Labels)]
struct ByName {
    name: Name,
}

#[test]
#[emits(remove_scarce_total)]
fn the_overflow_series_is_not_removed() {
    let set = |scarce: &str, name: &str| remove_scarce_total { scarce: Scarce::new(scarce), name: Name::new(name) };
    let of = |scarce: &str, name: &str| {
        value::<u64>(&CONTRACT, &format!(r#"remove_scarce_total{{scarce="{scarce}",name="{name}"}}"#))
    };
    for name in ["1", "2", "3", "4", "5"] {
        set("s", name).inc();
    }
    assert_eq!(of("__overflow__", "__overflow__"), Some(2));
    assert_eq!(CONTRACT.remove(ByScarce { scarce: Scarce::new("s") }), 3);
    assert_eq!(of("__overflow__", "__overflow__"), Some(2));
    // There is room again.
    set("s", "4").inc();
    assert_eq!(of("s", "4"), Some(1));

    // Values past the budget cannot be distinguished from each other.
    ["t", "u", "v"].into_iter().for_each(|name| assert!(Scarce::try_new(name).is_ok()));
    let lost = Scarce::new("w");
    set("w", "5").inc_by(3);
    assert_eq!(of("__overflow__", "5"), Some(3));
    assert_eq!(CONTRACT.remove(ByScarce { scarce: lost }), 0);
    assert_eq!(of("__overflow__", "5"), Some(3));
    assert_eq!(CONTRACT.remove(ByName { name: Name::new("5") }), 1);
    assert_eq!(of("__overflow__", "__overflow__"), Some(2));
}
