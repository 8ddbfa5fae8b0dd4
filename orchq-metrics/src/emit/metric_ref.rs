//! What a site says about one of its metrics, once its record is read.

use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use crate::declare::desc::MetricDesc;
use crate::store::AnyFamily;

/// A metric, with the family that distinguishes it from another of the same name.
#[derive(Clone, Copy)]
pub struct MetricRef {
    /// The metric's description.
    pub desc: &'static MetricDesc,
    /// Where its series are.
    pub family: fn() -> &'static dyn AnyFamily,
}

impl MetricRef {
    /// The metric of a family.
    pub(crate) fn new(family: fn() -> &'static dyn AnyFamily) -> Self {
        Self { desc: family().desc(), family }
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

/// Whether a site has recorded a metric in this process: a byte of the site's record.
#[repr(transparent)]
pub struct Hit(AtomicU8);

impl Hit {
    /// Not yet.
    #[expect(clippy::declare_interior_mutable_const, reason = "it is the start of a static")]
    pub(crate) const NO: Self = Self(AtomicU8::new(0));

    #[inline(always)]
    pub(crate) fn is_marked(&self) -> bool {
        self.0.load(Relaxed) != 0
    }

    #[inline(always)]
    pub(crate) fn mark(&self) {
        // A load first: a store on every emission would move the cache line between cores.
        if !self.is_marked() {
            self.0.store(1, Relaxed);
        }
    }
}

/// One metric of one site.
pub(crate) struct Emits {
    /// The metric.
    pub(crate) metric: MetricRef,
    /// The lines on which it is recorded, or, for `extern`, on which it is listed. Without one, it is an emission
    /// under a `cfg` that is off.
    pub(crate) lines: Vec<u32>,
    /// For `#[emits(extern ..)]`, the labels that are spelled out.
    pub(crate) extern_labels: Option<Vec<&'static str>>,
    hit: &'static AtomicU8,
}

impl Emits {
    pub(crate) fn new(
        metric: MetricRef,
        lines: Vec<u32>,
        extern_labels: Option<Vec<&'static str>>,
        hit: &'static AtomicU8,
    ) -> Self {
        Self { metric, lines, extern_labels, hit }
    }

    /// An entry that is in no record, for tests of what reads sites.
    #[cfg(test)]
    pub(crate) fn made_by_hand(
        metric: MetricRef,
        lines: &[u32],
        extern_labels: Option<&'static [&'static str]>,
    ) -> Self {
        Self::new(metric, lines.to_vec(), extern_labels.map(<[_]>::to_vec), Box::leak(Box::new(AtomicU8::new(0))))
    }

    /// Whether a value was recorded here in this process. Another library's
    /// recordings cannot be seen, so an `extern` emission is never hit.
    pub(crate) fn is_hit(&self) -> bool {
        self.hit.load(Relaxed) != 0
    }

    /// As a recording does, for tests of what reads sites.
    #[cfg(test)]
    pub(crate) fn mark_hit(&self) {
        self.hit.store(1, Relaxed);
    }
}
