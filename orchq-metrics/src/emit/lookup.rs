//! How an emission finds its series: by its labels each time, or once for all.

use crate::declare::desc::MAX_KNOWN_LABEL_SETS;
use crate::declare::label::{Key, SymbolWriter};
use crate::emit::metric::Metric;
use crate::store::{Kind, LabelSet};

/// How an emission finds its series.
pub trait Find<M: Metric>: Copy {
    /// Records a value for a label set.
    fn record(self, labels: M, value: <M::Kind as Kind>::Value) -> <M::Kind as Kind>::Outcome;
    /// The series of a label set, which is at zero if it is new.
    fn series(self, labels: M) -> <M::Kind as Kind>::Series;
}

/// Looks the labels up at each recording.
#[derive(Clone, Copy)]
pub struct ByLabels;

impl<M: Metric> Find<M> for ByLabels {
    #[inline(always)]
    fn record(self, labels: M, value: <M::Kind as Kind>::Value) -> <M::Kind as Kind>::Outcome {
        let labels = Packed::new(labels);
        let recorded = M::Kind::known(M::family(), labels.set()).and_then(|series| try_record::<M>(series, value));
        recorded.unwrap_or_else(|| record_cold(labels, value))
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
    fn record(self, labels: M, value: <M::Kind as Kind>::Value) -> <M::Kind as Kind>::Outcome {
        try_record::<M>(self.0, value).unwrap_or_else(|| record_cold(Packed::new(labels), value))
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

/// The slow path of an emission. It takes a copy, so that the label set of a fast one never has
/// to leave the registers.
#[cold]
#[inline(never)]
fn record_cold<M: Metric>(labels: Packed<M>, value: <M::Kind as Kind>::Value) -> <M::Kind as Kind>::Outcome {
    M::Kind::record(M::family(), labels.set(), value)
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
