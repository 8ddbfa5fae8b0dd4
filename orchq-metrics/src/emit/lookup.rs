//! How an emission finds its series: by its labels each time, or once for all.

use crate::declare::desc::MAX_KNOWN_LABEL_SETS;
use crate::declare::label::{Key, SymbolWriter};
use crate::emit::metric::Metric;
use crate::emit::metric_ref::Hit;
use crate::store::{Kind, LabelSet};

/// How an emission finds its series.
pub trait Find<M: Metric>: Copy {
    /// Records a value for a label set, at a site.
    fn record(self, labels: M, value: <M::Kind as Kind>::Value, hit: &'static Hit) -> <M::Kind as Kind>::Outcome;
    /// The series of a label set, which is at zero if it is new.
    fn series(self, labels: M) -> <M::Kind as Kind>::Series;
}

/// Looks the labels up at each recording.
#[derive(Clone, Copy)]
pub struct ByLabels;

impl<M: Metric> Find<M> for ByLabels {
    #[inline(always)]
    fn record(self, labels: M, value: <M::Kind as Kind>::Value, hit: &'static Hit) -> <M::Kind as Kind>::Outcome {
        let packed = Packed::new(labels);
        // A site's first recording takes the slow path, which marks it.
        if hit.is_marked() {
            let series = M::Kind::known(M::family(), packed.set());
            if let Some(outcome) = series.and_then(|series| try_record::<M>(series, value)) {
                return outcome;
            }
        }
        // Labels that have an index are a few bytes, and others are packed already.
        if has_index::<M>() { record_cold(labels, value, hit) } else { record_packed_cold(packed, value, hit) }
    }

    fn series(self, labels: M) -> <M::Kind as Kind>::Series {
        M::Kind::resolve(M::family(), Packed::new(labels).set())
    }
}

/// Keeps the series that it found. The labels find it again after it was removed.
#[derive(Clone, Copy)]
pub struct Resolved<K: Kind>(pub(crate) K::Series);

impl<M: Metric> Find<M> for Resolved<M::Kind> {
    #[inline(always)]
    fn record(self, labels: M, value: <M::Kind as Kind>::Value, hit: &'static Hit) -> <M::Kind as Kind>::Outcome {
        let Some(outcome) = try_record::<M>(self.0, value) else {
            return record_packed_cold(Packed::new(labels), value, hit);
        };
        hit.mark();
        outcome
    }

    fn series(self, _: M) -> <M::Kind as Kind>::Series {
        self.0
    }
}

#[inline(always)]
fn try_record<M: Metric>(
    series: <M::Kind as Kind>::Series,
    value: <M::Kind as Kind>::Value,
) -> Option<<M::Kind as Kind>::Outcome> {
    M::Kind::try_record(series, has_index::<M>(), M::DESC, value)
}

/// The slow path of an emission: one function for all sites of a metric, which have only its call. It takes a copy,
/// so that the label set of a fast one never has to leave the registers.
#[cold]
#[inline(never)]
fn record_packed_cold<M: Metric>(
    labels: Packed<M>,
    value: <M::Kind as Kind>::Value,
    hit: &'static Hit,
) -> <M::Kind as Kind>::Outcome {
    hit.mark();
    M::Kind::record(M::family(), labels.set(), value)
}

/// The same, without packing at the site.
#[cold]
#[inline(never)]
fn record_cold<M: Metric>(labels: M, value: <M::Kind as Kind>::Value, hit: &'static Hit) -> <M::Kind as Kind>::Outcome {
    record_packed_cold(Packed::new(labels), value, hit)
}

/// Whether the label sets of a metric are all known beforehand.
#[inline(always)]
const fn has_index<M: Metric>() -> bool {
    M::SETS <= MAX_KNOWN_LABEL_SETS
}

/// The label set of a metric, packed, and its index if it has one.
#[derive(Clone, Copy)]
pub(crate) struct Packed<M: Metric> {
    cells: M::Key,
    index: Option<usize>,
}

impl<M: Metric> Packed<M> {
    #[inline(always)]
    pub(crate) fn new(labels: M) -> Self {
        let mut cells = M::EMPTY_KEY;
        labels.write(&mut SymbolWriter::new(cells.as_mut()));
        let index = if has_index::<M>() { Some(labels.index()) } else { None };
        Self { cells, index }
    }

    #[inline(always)]
    pub(crate) fn key(&self) -> Key<'_> {
        Key::new(self.cells.as_ref())
    }

    #[inline(always)]
    fn set(&self) -> LabelSet<'_> {
        LabelSet { key: self.key(), index: self.index }
    }
}
