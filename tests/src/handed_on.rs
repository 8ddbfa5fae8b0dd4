//! Metrics that are built in one place and recorded in another: each is handed on, and none is an error.

use orchq_metrics::{Handle, emits};

use crate::contracts::Shape;
use crate::contracts::shapes_contract::{shape_calls, shape_calls as calls, shape_calls_total};

fn shape() -> Shape {
    Shape::new("handed_on")
}

macro_rules! bump {
    ($metric:expr) => {
        $metric.inc()
    };
}

macro_rules! bump_each {
    ($($metric:expr;)*) => {
        $($metric.inc();)*
    };
}

/// To macros, also as statements of their own.
#[emits(shape_calls_total)]
pub fn to_macros() {
    bump!(shape_calls_total { shape: shape() });
    bump_each! {
        shape_calls_total { shape: shape() };
        shape_calls_total { shape: shape() };
    }
}

/// To names, arguments and blocks.
#[allow(irrefutable_let_patterns, reason = "one of the places")]
#[emits(shape_calls_total)]
pub fn to_values(busy: bool) {
    let first = shape_calls_total { shape: shape() };
    let (second, _) = (shape_calls_total { shape: shape() }, 0);
    let chosen = if busy { shape_calls_total { shape: shape() } } else { first };
    let make = || shape_calls_total { shape: shape() };
    let later = {
        first.inc();
        shape_calls_total { shape: shape() }
    };
    for metric in [second, chosen, make(), later] {
        metric.inc();
    }
    std::convert::identity(shape_calls_total { shape: shape() }).inc();
    Some(shape_calls_total { shape: shape() }).into_iter().for_each(|metric| metric.inc());
    if let metric = (shape_calls_total { shape: shape() })
        && busy
    {
        metric.inc();
    }
    let format = shape_calls_total { shape: shape() };
    assert!(format!("{format:?}").contains("handed_on"));
}

/// In what resembles the places where a metric is dropped.
#[allow(clippy::match_single_binding, clippy::useless_vec, reason = "some of the places")]
#[emits(shape_calls_total, shape_calls)]
pub fn beside_what_is_dropped() {
    macro_rules! here {
        () => {
            shape_calls_total { shape: shape() }.inc()
        };
    }
    here!();
    for metric in [shape_calls_total { shape: shape() }; 2] {
        metric.inc();
    }
    match (shape_calls_total { shape: shape() }) {
        metric => metric.inc(),
    }
    let handle = shape_calls_total { shape: shape() }.handle();
    handle.inc();
    let make = vec![|| shape_calls_total { shape: shape() }];
    make[0]().inc();
    // The level stays.
    std::mem::forget(shape_calls { shape: shape() }.enter());
    let guard = shape_calls { shape: shape() }.enter();
    drop(guard);
    assert_eq!(stringify!(shape_calls_total {}.inc()), "shape_calls_total {}.inc()");
}

/// A helper for others: this is the site of what they record.
#[emits(shape_calls_total)]
pub fn helper() -> Handle<shape_calls_total> {
    shape_calls_total { shape: shape() }.handle()
}

/// Records through the helper.
pub fn through_the_helper() {
    helper().inc();
}

/// Under another name.
#[emits(calls)]
pub fn under_an_alias() {
    calls { shape: shape() }.set(3);
}

/// Out of an `async` block.
#[emits(shape_calls)]
pub async fn from_a_block() {
    let metric = async { shape_calls { shape: shape() } }.await;
    metric.set(4);
}

/// Keeps a handle.
pub struct First(pub Handle<shape_calls_total>);

/// Keeps another handle, made by a method of the same name.
pub struct Second(pub Handle<shape_calls_total>);

impl First {
    /// One of two methods with one path.
    #[emits(shape_calls_total)]
    #[must_use]
    pub fn of_a_type() -> Self {
        Self(shape_calls_total { shape: shape() }.handle())
    }
}

impl Second {
    /// The other.
    #[emits(shape_calls_total)]
    #[must_use]
    pub fn of_a_type() -> Self {
        Self(shape_calls_total { shape: shape() }.handle())
    }
}
