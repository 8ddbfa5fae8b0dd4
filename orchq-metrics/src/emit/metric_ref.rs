//! A site's reference to a metric that it emits.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use crate::declare::desc::MetricDesc;
use crate::store::AnyFamily;

/// The id of a metric in a site's record: a hash in sixteen hexadecimal digits, as a field.
pub type MetricId = [u8; 17];

/// A metric, with the family that distinguishes it from another of the same name.
#[derive(Clone, Copy)]
pub struct MetricRef {
    /// The metric's description.
    pub desc: &'static MetricDesc,
    /// Where its series are.
    pub family: fn() -> &'static dyn AnyFamily,
    /// Its name in the records of sites.
    pub id: &'static MetricId,
    /// Its own record: the linker keeps what is reachable from a site.
    pub record: &'static [u8],
}

impl MetricRef {
    /// The metric of a family, for tests of what reads sites.
    #[cfg(test)]
    pub(crate) fn new(family: fn() -> &'static dyn AnyFamily) -> Self {
        Self { desc: family().desc(), family, id: &[0; 17], record: &[] }
    }

    /// The family that it records into, as a key.
    pub(crate) fn id(&self) -> FamilyId {
        FamilyId::new((self.family)())
    }
}

/// The identity of a family: the address of the static that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct FamilyId(usize);

impl FamilyId {
    pub(crate) fn new(family: &dyn AnyFamily) -> Self {
        Self(std::ptr::from_ref(family).addr())
    }
}

/// One metric of one site.
pub struct Emits {
    /// The metric.
    pub metric: MetricRef,
    /// The lines on which it is recorded, or, for `extern`, on which it is listed.
    pub lines: &'static [u32],
    /// For `#[emits(extern ..)]`, the labels that are spelled out.
    pub extern_labels: Option<&'static [&'static str]>,
    hit: AtomicBool,
}

impl Emits {
    /// Called by generated code only.
    pub const fn new(metric: MetricRef, lines: &'static [u32], extern_labels: Option<&'static [&'static str]>) -> Self {
        Self { metric, lines, extern_labels, hit: AtomicBool::new(false) }
    }

    /// Whether a value was recorded here in this process. Another library's
    /// recordings cannot be seen, so an `extern` emission is never hit.
    #[must_use]
    pub fn is_hit(&self) -> bool {
        self.hit.load(Relaxed)
    }

    #[inline(always)]
    pub(crate) fn mark_hit(&self) {
        // A load first: a store on every emission would move the cache line between cores.
        if !self.is_hit() {
            self.hit.store(true, Relaxed);
        }
    }
}
