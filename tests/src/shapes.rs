//! One function for each place that can be annotated.

use std::time::Duration;

use async_trait::async_trait;
use orchq_metrics::{Handle, emits};

use crate::contracts::configured::shape_configured_out_total;
use crate::contracts::shapes_contract::{self, shape_call_seconds, shape_calls, shape_calls_total};
use crate::contracts::{Color, Place, Shape};

fn shape(name: &str) -> Shape {
    Shape::new(name)
}

/// A free function.
#[emits(shape_calls_total)]
pub fn free() {
    shape_calls_total { shape: shape("free") }.inc();
}

/// Two metrics, one of them twice.
#[emits(shape_calls_total, shape_calls)]
pub fn several() {
    shape_calls { shape: shape("several") }.inc();
    shape_calls_total { shape: shape("several") }.inc();
    shape_calls_total { shape: shape("several") }.inc_by(2);
}

/// A gauge that only goes up.
#[emits(shape_calls)]
pub fn begin() {
    shape_calls { shape: shape("begin") }.inc();
}

/// Listed by path, recorded by name; and the other way round.
#[emits(shapes_contract::shape_calls_total, shape_calls)]
pub fn by_path() {
    shape_calls_total { shape: shape("by_path") }.inc();
    crate::contracts::shapes_contract::shape_calls { shape: shape("by_path") }.set(4);
}

/// A receiver of methods.
pub struct Slot {
    name: &'static str,
    handle: Option<Handle<shape_calls_total>>,
}

impl Slot {
    /// A method; the label is an expression with a block of its own.
    #[emits(shape_calls_total)]
    pub fn method(&self) {
        shape_calls_total {
            shape: {
                let name = if self.name.is_empty() { "method" } else { self.name };
                shape(name)
            },
        }
        .inc();
    }

    /// An associated function that resolves a series once.
    #[emits(shape_calls_total)]
    #[must_use]
    pub fn with_handle() -> Self {
        let handle = shape_calls_total { shape: shape("handle") }.handle();
        Self { name: "", handle: Some(handle) }
    }

    /// Needs no annotation: the site is where the handle was made.
    pub fn through_handle(&self) {
        if let Some(handle) = self.handle {
            handle.inc();
        }
    }

    /// An async method.
    #[emits(shape_calls_total)]
    pub async fn async_method(&self) {
        tokio::task::yield_now().await;
        shape_calls_total { shape: shape("async_method") }.inc();
    }
}

/// A trait with a body of its own.
pub trait Work {
    /// Implemented by each.
    fn implemented(&self);

    /// A default body.
    #[emits(shape_calls_total)]
    fn default_body(&self) {
        shape_calls_total { shape: shape("default_body") }.inc();
    }
}

impl Work for Slot {
    #[emits(shape_calls_total)]
    fn implemented(&self) {
        shape_calls_total { shape: shape("implemented") }.inc();
    }
}

/// A generic function.
#[emits(shape_calls_total)]
pub fn generic<T>(name: T) -> T
where
    T: AsRef<str>,
{
    shape_calls_total { shape: shape(name.as_ref()) }.inc();
    name
}

/// A const-generic function, with braces in its signature.
#[emits(shape_calls_total)]
pub fn const_generic<const N: usize>(_: [u8; N]) -> Wrapping<{ 1 + 1 }> {
    for _ in 0..N {
        shape_calls_total { shape: shape("const_generic") }.inc();
    }
    Wrapping
}

/// A type whose argument is in braces.
pub struct Wrapping<const N: usize>;

/// A function with another ABI, and attributes inside its body.
#[emits(shape_calls_total)]
pub extern "C" fn other_abi() {
    #![allow(unused_variables)]
    let unused = 1;
    shape_calls_total { shape: shape("other_abi") }.inc();
}

/// Inside a closure, and in a nested function that is annotated itself.
#[emits(shape_calls_total)]
pub fn closures() {
    #[emits(shape_calls_total)]
    fn nested() {
        shape_calls_total { shape: shape("nested") }.inc();
    }

    let record = |name: &str| shape_calls_total { shape: shape(name) }.inc();
    record("closure");
    nested();
}

/// Patterns are not emissions; a literal is one, wherever its method is called.
#[emits(shape_calls_total)]
pub fn patterns() {
    let is_patterns = |shape_calls_total { shape }: shape_calls_total| shape.as_str() == "patterns";
    let plain = || patterns_label("patterns");
    let shape_calls_total { shape } = plain();
    for shape_calls_total { shape: again } in [plain(), plain()] {
        assert_eq!(shape, again);
    }
    if let Some(shape_calls_total { shape: again }) = Some(plain())
        && shape == again
        && is_patterns(plain())
    {
        let metric = shape_calls_total { shape };
        // Bound to its site where it was written, and `Copy` as the struct is.
        metric.inc_by(0);
        metric.inc();
    }
    match plain() {
        shape_calls_total { shape } if shape.as_str() == "other" => unreachable!(),
        shape_calls_total { .. } => {}
    }
}

fn patterns_label(name: &str) -> shape_calls_total {
    shape_calls_total { shape: shape(name) }
}

/// A function and a label that are called as keywords are.
#[emits(extern crate::contracts::configured::shape_keyword_total { r#type })]
pub fn r#match(count: impl FnOnce()) {
    count();
}

macro_rules! made {
    ($(#[$meta:meta])* $vis:vis fn $name:ident($metric:path) $body:block) => {
        $(#[$meta])*
        #[emits($metric)]
        $vis fn $name() $body
    };
}

made! {
    /// Made by a `macro_rules!`, its body in an invisible group.
    pub fn made_with_block(shape_calls_total) {
        shape_calls_total { shape: shape("made_with_block") }.inc();
    }
}

macro_rules! made_of {
    ($name:ident, $metric:path, $value:expr) => {
        /// Made by a `macro_rules!`, its metric and its label in invisible groups.
        #[emits($metric)]
        pub fn $name() {
            $metric { shape: $value }.inc();
        }
    };
}

made_of!(made_of_parts, shape_calls_total, shape("made_of_parts"));

macro_rules! annotated_item {
    ($item:item) => {
        #[emits(shape_calls_total)]
        $item
    };
}

annotated_item! {
    /// Made by a `macro_rules!`, as a whole item.
    pub fn made_as_item() {
        shape_calls_total { shape: shape("made_as_item") }.inc();
    }
}

/// Inside `select!`, whose arms no parser of Rust reads.
#[emits(shape_calls_total)]
pub async fn in_select() {
    tokio::select! {
        biased;
        () = std::future::ready(()) => shape_calls_total { shape: shape("in_select") }.inc(),
        () = tokio::time::sleep(Duration::from_secs(60)) => {}
    }
}

/// An object-safe async trait.
#[async_trait]
pub trait AsyncWork {
    /// Annotated in the implementation.
    async fn inside(&self);

    /// Annotated here.
    #[emits(shape_calls_total)]
    async fn async_default(&self) {
        shape_calls_total { shape: shape("async_default") }.inc();
    }
}

#[async_trait]
impl AsyncWork for Slot {
    #[emits(shape_calls_total)]
    async fn inside(&self) {
        tokio::task::yield_now().await;
        shape_calls_total { shape: shape("async_trait") }.inc();
    }
}

/// Above `instrument`.
#[emits(shape_calls_total)]
#[tracing::instrument]
pub async fn above_instrument() {
    shape_calls_total { shape: shape("above_instrument") }.inc();
}

/// Below `instrument`.
#[tracing::instrument]
#[emits(shape_calls_total)]
pub async fn below_instrument() {
    shape_calls_total { shape: shape("below_instrument") }.inc();
}

/// Above `tokio::main`.
#[emits(shape_calls_total)]
#[tokio::main(flavor = "current_thread")]
pub async fn above_tokio_main() {
    shape_calls_total { shape: shape("above_tokio_main") }.inc();
}

/// Below `tokio::main`.
#[tokio::main(flavor = "current_thread")]
#[emits(shape_calls_total)]
pub async fn below_tokio_main() {
    shape_calls_total { shape: shape("below_tokio_main") }.inc();
}

/// A timer that records when it is dropped, also by a panic.
///
/// # Panics
///
/// When asked to.
#[emits(shape_call_seconds)]
pub fn timed(panics: bool) {
    let _timer = shape_call_seconds { shape: shape("timed") }.start_timer();
    assert!(!panics, "asked to");
}

/// A timer that is stopped, and one that is discarded.
#[emits(shape_call_seconds)]
pub fn timers_by_hand() -> Duration {
    shape_call_seconds { shape: shape("timers_by_hand") }.start_timer().discard();
    shape_call_seconds { shape: shape("timers_by_hand") }.start_timer().stop()
}

/// Variables called like a metric, where only a block may follow.
#[emits(shape_calls, shape_calls_total)]
pub fn named_alike(shape_calls: i64, limit: i64) -> bool {
    let all = [shape_calls];
    shape_calls { shape: shape("named_alike") }.set(shape_calls);
    for shape_calls_total in all {
        if limit > shape_calls_total {
            shape_calls_total { shape: shape("named_alike") }.inc();
        }
    }
    let mut left = limit > shape_calls;
    while left == (limit > shape_calls) {
        left = !left;
    }
    match shape_calls {
        0 => false,
        _ if limit == shape_calls => {
            shape_calls_total { shape: shape("named_alike") }.inc();
            true
        }
        _ => {
            if let Some(1..=9) = Some(limit)
                && limit < shape_calls
            {
                return false;
            }
            limit >= shape_calls
        }
    }
}

/// Emissions in builds that are not this one.
#[emits(shape_calls_total, shape_configured_out_total)]
pub fn configured() {
    #[cfg(any())]
    shape_configured_out_total { r#type: shape("configured") }.inc();
    #[cfg(any())]
    if true {
        shape_configured_out_total { r#type: shape("configured") }.inc();
    } else {
        shape_configured_out_total { r#type: shape("configured") }.inc();
    }
    #[cfg(not(any()))]
    {
        shape_calls_total { shape: shape("configured") }.inc();
    }
    shape_calls_total { shape: shape("configured") }.inc();
}

/// A module in a body is not part of it, and an `impl` is.
#[emits(shape_calls_total)]
pub fn items_inside() {
    mod elsewhere {
        use crate::contracts::shapes_contract::shape_calls_total;

        #[orchq_metrics::emits(shape_calls_total)]
        pub(super) fn record() {
            shape_calls_total { shape: super::shape("module_inside") }.inc();
        }
    }

    struct Inside;

    impl Inside {
        fn record() {
            shape_calls_total { shape: shape("impl_inside") }.inc();
        }
    }

    elsewhere::record();
    Inside::record();
}

/// What another library records, with its labels spelled out.
#[emits(extern shapes_contract::shape_foreign_calls_total { color, text }, shape_calls_total)]
pub fn foreign(count: impl FnOnce(&Place)) {
    count(&Place { color: Color::Red, text: None });
    shape_calls_total { shape: shape("foreign") }.inc();
}

/// A slot without a name or a handle.
#[must_use]
pub fn slot() -> Slot {
    Slot { name: "", handle: None }
}
