//! The error of a metric that no annotation has bound to a site.

use std::marker::PhantomData;

use crate::emit::emission::{Handle, Timer};
use crate::emit::metric::Metric;

/// The bound that no metric meets: a metric is recorded through the site that
/// `#[emits]` puts behind it, never by itself.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is recorded outside a function annotated for it",
    label = "not listed by an enclosing `#[emits(..)]`",
    note = "annotate the enclosing function with `#[emits({Self})]`, or add it to the list there"
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
    pub fn handle(&self) -> Handle<M> where M: Annotated { unreachable!("no metric is `Annotated`") }
}
