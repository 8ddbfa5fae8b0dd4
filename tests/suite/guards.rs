//! What lasts: calls in flight, and the duration of futures, also when they panic or are cancelled.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use orchq_metrics::{InFlight, Label, Outcome, Symbol, Timed, contract, emits, text};

/// One for each test.
#[derive(Clone, Copy, Label)]
#[label(budget = 32)]
pub struct Call(Symbol);

#[contract(name = "guards", version = "1.0.0")]
mod metrics {
    use super::{Call, Outcome};

    /// In flight.
    #[gauge(unit = "{call}")]
    pub struct guard_calls_in_flight {
        call: Call,
    }

    /// In flight, with room for one series.
    #[gauge(unit = "{call}", series_limit = 1)]
    pub struct guard_crowded {
        call: Call,
    }

    /// How long.
    #[histogram(unit = "seconds", buckets = [0.001, 60])]
    pub struct guard_call_seconds {
        call: Call,
    }

    /// How it ended.
    #[counter(unit = "{call}")]
    pub struct guard_calls_total {
        call: Call,
        outcome: Outcome,
    }
}
use metrics::*;

#[emits(guard_calls_in_flight)]
fn enter(call: &str) -> InFlight<guard_calls_in_flight> {
    guard_calls_in_flight { call: Call::new(call) }.enter()
}

#[emits(guard_call_seconds)]
fn timed<F: Future>(call: &str, future: F) -> Timed<guard_call_seconds, F> {
    guard_call_seconds { call: Call::new(call) }.time(future)
}

/// The value of a series, if it is served.
fn value(series: &str) -> Option<f64> {
    let page = text::encode(&CONTRACT);
    page.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

fn in_flight(call: &str) -> Option<f64> {
    value(&format!("guard_calls_in_flight{{call=\"{call}\"}}"))
}

fn observed(call: &str) -> Option<f64> {
    value(&format!("guard_call_seconds_count{{call=\"{call}\"}}"))
}

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_guard_counts_until_it_is_dropped() {
    let first = enter("plain");
    let second = enter("plain");
    assert_eq!(in_flight("plain"), Some(2.0));
    drop(first);
    assert_eq!(in_flight("plain"), Some(1.0));
    // It may leave in another thread.
    std::thread::spawn(move || drop(second)).join().expect("no panic");
    assert_eq!(in_flight("plain"), Some(0.0));
}

#[test]
fn a_guard_leaves_in_a_panic_and_in_a_cancelled_future() {
    let panics = catch_unwind(|| {
        let _in_flight = enter("panic");
        panic!("in flight: {:?}", in_flight("panic"))
    });
    assert_eq!(panics.expect_err("it panics").downcast_ref::<String>().expect("text"), "in flight: Some(1.0)");
    assert_eq!(in_flight("panic"), Some(0.0));

    let mut future = Box::pin(async {
        let _in_flight = enter("cancelled");
        std::future::pending::<()>().await;
    });
    assert!(poll(future.as_mut()).is_pending());
    assert_eq!(in_flight("cancelled"), Some(1.0));
    drop(future);
    assert_eq!(in_flight("cancelled"), Some(0.0));
}

#[test]
fn a_series_that_is_removed_takes_its_calls_along() {
    let before = enter("removed");
    assert_eq!(CONTRACT.remove_metric::<guard_calls_in_flight>(Of { call: Call::new("removed") }), 1);
    drop(before);
    assert_eq!(in_flight("removed"), None, "a series at -1 would never come back to zero");

    let before = enter("removed");
    CONTRACT.remove_metric::<guard_calls_in_flight>(Of { call: Call::new("removed") });
    let after = enter("removed");
    drop(before);
    assert_eq!(in_flight("removed"), Some(1.0));
    drop(after);
    assert_eq!(in_flight("removed"), Some(0.0));
}

#[derive(Clone, Copy, orchq_metrics::Labels)]
struct Of {
    call: Call,
}

#[test]
#[emits(guard_crowded)]
fn calls_past_the_series_limit_leave_the_overflow_series_again() {
    let crowd = || value("guard_crowded{call=\"__overflow__\"}");
    let first = guard_crowded { call: Call::new("first") }.enter();
    let second = guard_crowded { call: Call::new("second") }.enter();
    let third = guard_crowded { call: Call::new("third") }.enter();
    assert_eq!((value("guard_crowded{call=\"first\"}"), crowd()), (Some(1.0), Some(2.0)));
    drop((first, second));
    assert_eq!((value("guard_crowded{call=\"first\"}"), crowd()), (Some(0.0), Some(1.0)));
    drop(third);
    assert_eq!(crowd(), Some(0.0));
}

#[test]
fn a_future_is_timed_once_however_it_ends() {
    let mut completes = Box::pin(timed("completes", async { 7 }));
    assert_eq!(observed("completes"), Some(0.0));
    assert_eq!(poll(completes.as_mut()), Poll::Ready(7));
    assert_eq!(observed("completes"), Some(1.0), "not when the future is dropped");
    drop(completes);
    assert_eq!(observed("completes"), Some(1.0));

    let mut cancelled = Box::pin(timed("cancelled", std::future::pending::<()>()));
    assert!(poll(cancelled.as_mut()).is_pending());
    assert_eq!(observed("cancelled"), Some(0.0));
    drop(cancelled);
    assert_eq!(observed("cancelled"), Some(1.0));

    let panics = catch_unwind(AssertUnwindSafe(|| poll(timed("panics", async { panic!("within") }))));
    assert!(panics.is_err());
    assert_eq!(observed("panics"), Some(1.0));

    drop(timed("unpolled", async {}));
    assert_eq!(observed("unpolled"), Some(1.0));
}

#[test]
fn a_future_is_timed_from_the_call_to_its_end() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        timed("slept", tokio::time::sleep(Duration::from_millis(20))).await;
        let late = timed("late", std::future::pending::<()>());
        assert!(tokio::time::timeout(Duration::from_millis(20), late).await.is_err());
        // A task may be spawned with it, and be aborted.
        let task = tokio::spawn(timed("aborted", std::future::pending::<()>()));
        tokio::time::sleep(Duration::from_millis(20)).await;
        task.abort();
        assert!(task.await.is_err());
    });
    for call in ["slept", "late", "aborted"] {
        let sum = value(&format!("guard_call_seconds_sum{{call=\"{call}\"}}"));
        assert!(sum.is_some_and(|sum| (0.02..60.0).contains(&sum)), "{call} took {sum:?} s");
        assert_eq!(observed(call), Some(1.0));
    }
}

#[emits(guard_calls_total)]
fn parse(text: &str) -> Result<u8, std::num::ParseIntError> {
    let parsed = text.parse();
    guard_calls_total { call: Call::new("parse"), outcome: Outcome::from(&parsed) }.inc();
    parsed
}

#[test]
fn a_result_is_a_label() {
    let results = ["7", "seven", "300"].map(|text| parse(text).is_ok());
    assert_eq!(results, [true, false, false]);
    assert_eq!(value("guard_calls_total{call=\"parse\",outcome=\"ok\"}"), Some(1.0));
    assert_eq!(value("guard_calls_total{call=\"parse\",outcome=\"error\"}"), Some(2.0));
}
