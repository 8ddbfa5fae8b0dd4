//! The error of a metric that no annotation has bound to a site.

use std::marker::PhantomData;

use crate::emit::emission::{Handle, InFlight, Timed, Timer};
use crate::emit::metric::Metric;

/// The bound that no metric meets: a metric is recorded through the site that
/// `#[emits]` puts behind it, never by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is recorded outside a function annotated for it",
    label = "not built in a function whose `#[emits(..)]` lists it",
    note = "put `#[emits({Self})]` on the function that builds it, or add it to the list there",
    note = "to record it later or elsewhere, keep its `.handle()`, such as in a field of type `Handle<{Self}>`; a macro is passed the metric whole, with its labels"
)]
pub trait Annotated {}

/// What a metric dereferences to if no annotation has bound it to a site: the
/// same methods as [`Emission`](crate::Emission), none of which can be called.
pub struct Unannotated<M>(PhantomData<fn() -> M>);

// The methods that take a value take any: the missing annotation is the one error to report. The compiler shows the
// line of the method, so that each is in one.
#[rustfmt::skip]
impl<M: Metric> Unannotated<M> {
    /// Its only value.
    pub const VALUE: &'static Self = &Self(PhantomData);

    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn inc(&self) where M: Annotated {}
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn inc_by<V>(&self, _: V) where M: Annotated {}
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn set<V>(&self, _: V) where M: Annotated {}
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn dec(&self) where M: Annotated {}
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn add<V>(&self, _: V) where M: Annotated {}
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn sub<V>(&self, _: V) where M: Annotated {}
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn observe<V>(&self, _: V) where M: Annotated {}
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn init(&self) where M: Annotated {}
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn start_timer(&self) -> Timer<M> where M: Annotated { unreachable!("no metric is `Annotated`") }
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn time<V>(&self, _: V) -> Timed<M, V> where M: Annotated { unreachable!("no metric is `Annotated`") }
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn enter(&self) -> InFlight<M> where M: Annotated { unreachable!("no metric is `Annotated`") }
    /// Needs an annotation: see [`emits`](macro@crate::emits).
    pub fn handle(&self) -> Handle<M> where M: Annotated { unreachable!("no metric is `Annotated`") }
}

/// In scope in a function with an error in its annotation: what it records causes no other error.
pub trait Silenced {
    /// For a struct that is not a metric; metrics have their own.
    fn orchq_metrics_without_site(self) -> Self
    where
        Self: Sized,
    {
        self
    }

    /// Before a method of an emission, on a value that may be a metric.
    fn orchq_metrics_unseen(&self) -> Unseen {
        Unseen
    }
}

impl<T: ?Sized> Silenced for T {}

/// Has the methods of an emission, for code that does not compile anyway.
pub struct Unseen;

macro_rules! unseen {
    ($($method:ident($($value:ident)?)),*) => {
        impl Unseen {
            $(
                /// Never called.
                pub fn $method$(<$value>)?(&self $(, _: $value)?) -> ! {
                    unreachable!("only code that does not compile calls this")
                }
            )*
        }
    };
}

unseen!(inc(), inc_by(V), set(V), dec(), add(V), sub(V), observe(V), start_timer(), time(V), enter(), handle());
