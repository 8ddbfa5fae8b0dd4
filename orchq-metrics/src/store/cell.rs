//! Where the numbers of one series are.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::desc::MetricDesc;

/// The value of one series at one moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Sample {
    /// A counter's stored whole number.
    Counter(u64),
    /// A gauge's level.
    Gauge(f64),
    /// A histogram.
    Histogram {
        /// Observations in each bucket, not cumulated; the last is above every bound.
        counts: Vec<u64>,
        /// The sum of all observations.
        sum: f64,
    },
}

/// The storage of one series.
pub trait Cell: Send + Sync + 'static {
    /// A new one, at zero.
    fn new(desc: &'static MetricDesc) -> Self;
    /// Its value now.
    fn read(&self) -> Sample;
}

/// A number that is only added to.
pub struct CounterCell(AtomicU64);

impl CounterCell {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Relaxed);
    }
}

impl Cell for CounterCell {
    fn new(_: &'static MetricDesc) -> Self {
        Self(AtomicU64::new(0))
    }

    fn read(&self) -> Sample {
        Sample::Counter(self.0.load(Relaxed))
    }
}

/// A float in an atomic.
struct AtomicF64(AtomicU64);

impl AtomicF64 {
    const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Relaxed))
    }

    fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Relaxed);
    }

    fn add(&self, n: f64) -> f64 {
        let add = |bits| Some((f64::from_bits(bits) + n).to_bits());
        let before = self.0.fetch_update(Relaxed, Relaxed, add).unwrap_or_else(|bits| bits);
        f64::from_bits(before) + n
    }
}

/// A level.
pub struct GaugeCell(AtomicF64);

impl GaugeCell {
    pub(crate) fn set(&self, value: f64) {
        self.0.set(value);
    }

    /// Returns the level after the addition.
    pub(crate) fn add(&self, n: f64) -> f64 {
        self.0.add(n)
    }
}

impl Cell for GaugeCell {
    fn new(_: &'static MetricDesc) -> Self {
        Self(AtomicF64::new())
    }

    fn read(&self) -> Sample {
        Sample::Gauge(self.0.get())
    }
}

/// Buckets and a sum.
pub struct HistogramCell {
    bounds: &'static [f64],
    counts: Box<[AtomicU64]>,
    sum: AtomicF64,
}

impl HistogramCell {
    pub(crate) fn observe(&self, value: f64) {
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        self.counts[bucket].fetch_add(1, Relaxed);
        self.sum.add(value);
    }
}

impl Cell for HistogramCell {
    fn new(desc: &'static MetricDesc) -> Self {
        Self {
            bounds: desc.buckets,
            counts: (0..=desc.buckets.len()).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicF64::new(),
        }
    }

    fn read(&self) -> Sample {
        Sample::Histogram { counts: self.counts.iter().map(|count| count.load(Relaxed)).collect(), sum: self.sum.get() }
    }
}
