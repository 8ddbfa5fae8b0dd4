//! The series of each family. Knows no contract by name.

mod cell;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{LazyLock, OnceLock, PoisonError, RwLock};

pub(crate) use cell::{Cell, CounterCell, GaugeCell, HistogramCell, Sample};

use crate::desc::MetricDesc;
use crate::label::{LabelValues, Symbol};
use crate::unit::Violation;

/// The kind of a family as a type parameter; [`MetricKind`](crate::MetricKind) is the same as data.
pub trait Kind: Send + Sync + 'static {
    /// Where one series of this kind keeps its value.
    type Cell: Cell;
}

/// A sum that only grows.
pub struct Counter;
/// A value that goes up and down.
pub struct Gauge;
/// Observations counted into buckets.
pub struct Histogram;

impl Kind for Counter {
    type Cell = CounterCell;
}

impl Kind for Gauge {
    type Cell = GaugeCell;
}

impl Kind for Histogram {
    type Cell = HistogramCell;
}

/// All series of one metric in this process.
pub struct Family<K: Kind> {
    desc: &'static MetricDesc,
    counter_scale: f64,
    series: LazyLock<RwLock<Series<K::Cell>>>,
    violations: [AtomicU64; Violation::ALL.len()],
    /// For each label, how many label sets came with `__overflow__` in it.
    overflows: OnceLock<Box<[AtomicU64]>>,
}

/// Series in the order of their first use, found by their whole key.
struct Series<C: 'static> {
    in_order: Vec<(&'static [Symbol], &'static C)>,
    by_key: HashMap<&'static [Symbol], &'static C>,
}

impl<K: Kind> Family<K> {
    /// An empty family; a counter serves its stored number divided by `counter_scale`.
    #[must_use]
    pub const fn new(desc: &'static MetricDesc, counter_scale: f64) -> Self {
        Self {
            desc,
            counter_scale,
            series: LazyLock::new(|| RwLock::new(Series { in_order: Vec::new(), by_key: HashMap::new() })),
            violations: [const { AtomicU64::new(0) }; Violation::ALL.len()],
            overflows: OnceLock::new(),
        }
    }

    /// Counts the labels whose value was lost to a budget.
    pub(crate) fn count_overflows(&self, key: &[Symbol]) {
        for (index, (label, symbol)) in self.desc.labels.iter().zip(key).enumerate() {
            if *symbol == Symbol::OVERFLOW && matches!(label.values, LabelValues::Open { .. }) {
                let counts =
                    self.overflows.get_or_init(|| self.desc.labels.iter().map(|_| AtomicU64::new(0)).collect());
                counts[index].fetch_add(1, Relaxed);
            }
        }
    }

    /// The cell of a label set, made at zero when there is none.
    pub(crate) fn cell(&self, key: &[Symbol]) -> &'static K::Cell {
        let found = self.series.read().unwrap_or_else(PoisonError::into_inner).by_key.get(key).copied();
        found.unwrap_or_else(|| self.insert(key))
    }

    #[cold]
    fn insert(&self, key: &[Symbol]) -> &'static K::Cell {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(cell) = series.by_key.get(key) {
            return cell;
        }
        // Handles are `Copy` and outlive every lock, so a series lives as long as the process.
        let key: &'static [Symbol] = Box::leak(Box::from(key));
        let cell: &'static K::Cell = Box::leak(Box::new(K::Cell::new(self.desc)));
        series.in_order.push((key, cell));
        series.by_key.insert(key, cell);
        cell
    }

    /// Whether a gauge takes this level; what is wrong with it is counted.
    pub(crate) fn takes_level(&self, level: f64) -> bool {
        !matches!(self.inspect(level), Some(Violation::Nan))
    }

    /// Whether a gauge takes this difference; what is wrong with it is counted. An infinite
    /// one would leave a level that nothing finite brings back.
    pub(crate) fn takes_step(&self, step: f64) -> bool {
        if !step.is_finite() {
            self.inspect(step);
        }
        step.is_finite()
    }

    /// Whether a histogram takes this value; what is wrong with it is counted. An infinite
    /// one would spoil the sum for good.
    pub(crate) fn takes_observation(&self, value: f64) -> bool {
        !matches!(self.inspect(value), Some(Violation::Nan | Violation::Infinite))
    }

    fn inspect(&self, value: f64) -> Option<Violation> {
        let violation = Violation::of(value, self.desc.unit)?;
        self.violations[violation as usize].fetch_add(1, Relaxed);
        Some(violation)
    }
}

/// A family of any kind, as the exposition sees it.
pub trait AnyFamily: Send + Sync {
    /// What the family is.
    fn desc(&self) -> &'static MetricDesc;
    /// Calls `each` with every series, in the order of their first use.
    fn visit(&self, each: &mut dyn FnMut(&[Symbol], Sample));
    /// What a stored counter value is divided by.
    fn counter_scale(&self) -> f64;
    /// How often each violation happened.
    fn violations(&self) -> [(Violation, u64); Violation::ALL.len()];
    /// How many label sets came with `__overflow__`, by label.
    fn overflows(&self) -> Vec<(&'static str, u64)>;
}

impl<K: Kind> AnyFamily for Family<K> {
    fn desc(&self) -> &'static MetricDesc {
        self.desc
    }

    fn visit(&self, each: &mut dyn FnMut(&[Symbol], Sample)) {
        // The list is copied out, so that no emission waits for the reader of a scrape.
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner).in_order.clone();
        for (key, cell) in series {
            each(key, cell.read());
        }
    }

    fn counter_scale(&self) -> f64 {
        self.counter_scale
    }

    fn violations(&self) -> [(Violation, u64); Violation::ALL.len()] {
        Violation::ALL.map(|violation| (violation, self.violations[violation as usize].load(Relaxed)))
    }

    fn overflows(&self) -> Vec<(&'static str, u64)> {
        let counts = self.overflows.get().map(|counts| &**counts).unwrap_or_default();
        self.desc.labels.iter().zip(counts).map(|(label, count)| (label.name, count.load(Relaxed))).collect()
    }
}
