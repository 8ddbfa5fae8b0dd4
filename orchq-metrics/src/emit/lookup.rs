//! How an emission finds its series: by its labels each time, or once for all.

use crate::declare::desc::MAX_KNOWN_LABEL_SETS;
use crate::declare::label::{Key, SymbolWriter};
use crate::emit::metric::Metric;
use crate::emit::metric_ref::Hit;
use crate::store::{Kind, LabelSet};

/// How an emission finds its series.
pub trait Find<M: Metric>: Copy {
    /// Records a value for a label set, at a site.
    fn record(self, labels: &M, value: <M::Kind as Kind>::Value, hit: &'static Hit) -> <M::Kind as Kind>::Outcome;
    /// The series of a label set, which is at zero if it is new.
    fn series(self, labels: M) -> <M::Kind as Kind>::Series;
}

/// Looks the labels up at each recording.
#[derive(Clone, Copy)]
pub struct ByLabels;

impl<M: Metric> Find<M> for ByLabels {
    #[inline(always)]
    fn record(self, labels: &M, value: <M::Kind as Kind>::Value, hit: &'static Hit) -> <M::Kind as Kind>::Outcome {
        let packed = Packed::new(*labels);
        if has_index::<M>() {
            // A site's first recording takes the slow path, which marks it.
            let recorded = if hit.is_marked() { packed.try_record(value) } else { None };
            return recorded.unwrap_or_else(|| record_cold(*labels, value, hit));
        }
        match *packed.cells.as_ref() {
            [a] => record_cells::<M>(a, 0, 0, 0, value, hit),
            [a, b] => record_cells::<M>(a, b, 0, 0, value, hit),
            [a, b, c] => record_cells::<M>(a, b, c, 0, value, hit),
            [a, b, c, d] => record_cells::<M>(a, b, c, d, value, hit),
            _ => record_packed(packed, value, hit),
        }
    }

    fn series(self, labels: M) -> <M::Kind as Kind>::Series {
        M::Kind::resolve(M::family(), Packed::new(labels).set())
    }
}

/// Looks a label set up and records: one function for all sites of a metric, because the code is several times what
/// the rest of a site is. The cells are arguments of their own, so that they stay in registers.
#[inline(never)]
fn record_cells<M: Metric>(
    a: u64,
    b: u64,
    c: u64,
    d: u64,
    value: <M::Kind as Kind>::Value,
    hit: &'static Hit,
) -> <M::Kind as Kind>::Outcome {
    // Before all else, so that the slow path does not need it.
    hit.mark();
    match Packed::<M>::from_cells([a, b, c, d]).try_record(value) {
        Some(outcome) => outcome,
        None => record_cells_cold::<M>(a, b, c, d, value),
    }
}

#[cold]
#[inline(never)]
fn record_cells_cold<M: Metric>(
    a: u64,
    b: u64,
    c: u64,
    d: u64,
    value: <M::Kind as Kind>::Value,
) -> <M::Kind as Kind>::Outcome {
    M::Kind::record(M::family(), Packed::<M>::from_cells([a, b, c, d]).set(), value)
}

/// The same for longer label sets.
#[inline(never)]
fn record_packed<M: Metric>(
    packed: Packed<M>,
    value: <M::Kind as Kind>::Value,
    hit: &'static Hit,
) -> <M::Kind as Kind>::Outcome {
    hit.mark();
    packed.try_record(value).unwrap_or_else(|| M::Kind::record(M::family(), packed.set(), value))
}

/// Keeps the series that it found. The labels find it again after it was removed.
#[derive(Clone, Copy)]
pub struct Resolved<K: Kind>(pub(crate) K::Series);

impl<M: Metric> Find<M> for Resolved<M::Kind> {
    #[inline(always)]
    fn record(self, labels: &M, value: <M::Kind as Kind>::Value, hit: &'static Hit) -> <M::Kind as Kind>::Outcome {
        let Some(outcome) = try_record::<M>(self.0, value) else {
            return record_cold(*labels, value, hit);
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

/// The slow path of an emission: one function for all sites of a metric, which have only its call.
#[cold]
#[inline(never)]
fn record_cold<M: Metric>(labels: M, value: <M::Kind as Kind>::Value, hit: &'static Hit) -> <M::Kind as Kind>::Outcome {
    hit.mark();
    M::Kind::record(M::family(), Packed::new(labels).set(), value)
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
    fn from_cells(values: [u64; 4]) -> Self {
        let mut cells = M::EMPTY_KEY;
        cells.as_mut().iter_mut().zip(values).for_each(|(cell, value)| *cell = value);
        Self { cells, index: None }
    }

    /// Records, unless the series is new to this thread.
    #[inline(always)]
    fn try_record(&self, value: <M::Kind as Kind>::Value) -> Option<<M::Kind as Kind>::Outcome> {
        try_record::<M>(M::Kind::known(M::family(), M::DESC, self.set())?, value)
    }

    #[inline(always)]
    fn set(&self) -> LabelSet<'_> {
        LabelSet { key: self.key(), index: self.index }
    }
}
