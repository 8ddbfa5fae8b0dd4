//! Where a metric of the contract comes from: for each engine, a native family and a conversion, or the reason why it
//! is absent.

/// The sources of the metrics that an engine knows and the queue does not.
#[derive(Debug)]
pub struct Sources {
    /// `tokens_in_total`.
    pub tokens_in: Source<Tokens>,
    /// `tokens_out_total`.
    pub tokens_out: Source<Tokens>,
    /// `kv_cache_usage_ratio`.
    pub kv_cache: Source<Ratio>,
    /// `gpu_utilization`.
    pub gpu_utilization: Source<Devices>,
    /// `vram_used_bytes`.
    pub vram_used: Source<Devices>,
    /// The native label that names the model, for servers with several.
    pub model_label: Option<&'static str>,
}

/// Where one metric comes from.
#[derive(Debug)]
pub enum Source<N> {
    /// From native families.
    Native(N),
    /// Nowhere, for this reason. The metric has no series.
    Absent(&'static str),
}

impl<N> Source<N> {
    /// The native source, if there is one.
    pub fn native(&self) -> Option<&N> {
        match self {
            Self::Native(native) => Some(native),
            Self::Absent(_) => None,
        }
    }
}

/// Series of one family: those that carry all of these labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selector {
    /// The family.
    pub family: &'static str,
    /// Labels that select among its series.
    pub labels: &'static [(&'static str, &'static str)],
}

impl Selector {
    /// Every series of a family.
    pub const fn all(family: &'static str) -> Self {
        Self { family, labels: &[] }
    }

    /// The series of a family with this label.
    pub const fn with(family: &'static str, labels: &'static [(&'static str, &'static str)]) -> Self {
        Self { family, labels }
    }
}

/// A counter, read as the growth of native ones: that of each series, added up.
#[derive(Debug)]
pub struct Tokens {
    /// All of these that the page has.
    pub from: &'static [Counter],
    /// A note for the reader of the list.
    pub note: &'static str,
}

/// Which value of a family counts.
#[derive(Debug, Clone, Copy)]
pub enum Counter {
    /// The value of a counter.
    Value(Selector),
    /// The sum of a histogram.
    Sum(Selector),
}

/// A ratio from 0 to 1: the first of these that the page has.
#[derive(Debug)]
pub struct Ratio {
    /// In this order.
    pub from: &'static [RatioOf],
    /// A note for the reader of the list.
    pub note: &'static str,
}

/// How a ratio is read.
#[derive(Debug, Clone, Copy)]
pub enum RatioOf {
    /// A gauge, if it is a single series.
    Single(Selector),
    /// The sum of the first over the sum of the second.
    Quotient(Selector, Selector),
    /// The mean of the series, which is their common ratio if their capacities are equal.
    Mean(Selector),
}

/// A gauge with a series for each GPU.
#[derive(Debug)]
pub struct Devices {
    /// The family.
    pub family: &'static str,
    /// The native label that becomes `device`, the only one that is passed on.
    pub device_label: &'static str,
    /// The factor of the value.
    pub factor: f64,
    /// A note for the reader of the list.
    pub note: &'static str,
}
