//! A candidate, its forms, and the works that they are timed at.

use std::fmt;
use std::hint::black_box;
use std::str::FromStr;
use std::sync::{Arc, Mutex};

use crate::exposition::Total;
use crate::workloads;

/// A metrics library, or the raw limit.
pub trait Candidate: Sync {
    /// Its name as in the tables: that of its crate.
    fn name(&self) -> &'static str;

    /// Every form in which it can do this work; none if it cannot.
    ///
    /// Each call makes fresh metrics, or, where a library's are global, takes
    /// the value that they have as the beginning.
    fn forms(&self, work: Work) -> Vec<Form>;

    /// Makes this many series of a five-label counter, as [`workloads::series`] numbers them, each at
    /// one; `None` if it cannot. The result keeps them alive and gives their text.
    fn fill(&self, series: usize) -> Option<Filled>;
}

/// Series that have been made.
pub type Filled = Box<dyn Fn() -> String>;

/// One way to do one work.
pub struct Form {
    /// What the caller keeps between calls, for instance "strings" or "handle".
    pub name: &'static str,
    /// Does the work `operations` times.
    pub run: Box<dyn Fn(u64) + Send + Sync>,
    /// What a background thread does in production; called between rounds and never timed.
    pub settle: Option<Box<dyn Fn() + Send + Sync>>,
    /// The exposition, from which the total is read at the end.
    pub text: Box<dyn Fn() -> String + Send + Sync>,
    /// The counts before the first round.
    pub before: Total,
}

impl Form {
    /// A form over metrics that are new.
    pub fn new(
        name: &'static str,
        run: impl Fn(u64) + Send + Sync + 'static,
        text: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        Self { name, run: Box::new(run), settle: None, text: Box::new(text), before: Total::default() }
    }

    /// Calls `op` with the items in turn.
    pub fn cycling<T: Send + Sync + 'static>(
        name: &'static str,
        items: Vec<T>,
        op: impl Fn(&T) + Send + Sync + 'static,
        text: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, move |operations| cycle(&items, operations, &op), text)
    }

    /// Calls `op` with one item, mostly a handle.
    pub fn repeating<T: Send + Sync + 'static>(
        name: &'static str,
        item: T,
        op: impl Fn(&T) + Send + Sync + 'static,
        text: impl Fn() -> String + Send + Sync + 'static,
    ) -> Self {
        Self::new(name, move |operations| repeat(&item, operations, &op), text)
    }

    /// Encodes the text into a buffer that is used again.
    pub fn encoding<B: Buffer>(encode: impl Fn(&mut B) + Send + Sync + 'static) -> Self {
        let encode = Arc::new(encode);
        let again = Arc::clone(&encode);
        let buffer = Mutex::new(B::default());
        let run = move |operations| {
            let mut buffer = buffer.lock().expect("no encoder panics");
            for _ in 0..operations {
                buffer.empty();
                encode(&mut *buffer);
                black_box(&*buffer);
            }
        };
        let text = move || {
            let mut buffer = B::default();
            again(&mut buffer);
            buffer.into_text()
        };
        Self::new("text", run, text)
    }

    /// The same, with what a background thread would do between rounds.
    #[must_use]
    pub fn settled_by(self, settle: impl Fn() + Send + Sync + 'static) -> Self {
        Self { settle: Some(Box::new(settle)), ..self }
    }

    /// The same, counting from what the metrics have already.
    #[must_use]
    pub fn counting_from_here(self) -> Self {
        let before = Total::from_text(&(self.text)());
        Self { before, ..self }
    }
}

/// The buffer for a text: some candidates write characters, and some bytes.
pub trait Buffer: Default + Send + 'static {
    /// Forgets the text and keeps the memory.
    fn empty(&mut self);
    /// The text.
    fn into_text(self) -> String;
}

impl Buffer for String {
    fn empty(&mut self) {
        self.clear();
    }

    fn into_text(self) -> String {
        self
    }
}

impl Buffer for Vec<u8> {
    fn empty(&mut self) {
        self.clear();
    }

    fn into_text(self) -> String {
        String::from_utf8(self).expect("the text format is UTF-8")
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A counter with five labels, looked up, cycling 64 label sets.
    Counter,
    /// A counter with two closed labels, looked up, cycling all 24 pairs.
    ClosedPair,
    /// A counter with five labels through a resolved handle.
    Handle,
    /// A histogram with four labels and 14 buckets, looked up, cycling 64 label sets.
    Histogram,
    /// A histogram through a resolved handle.
    HistogramHandle,
    /// A gauge with five labels, looked up and raised by one, cycling 64 label sets.
    Gauge,
    /// A gauge set through a resolved handle.
    GaugeSet,
    /// A gauge raised by one through a resolved handle.
    GaugeAdd,
    /// A counter with five labels, looked up, cycling this many series in an order that no cache predicts.
    Series(usize),
    /// The text of this many counters with five labels.
    CountersText(usize),
    /// The text of this many histograms with four labels.
    HistogramsText(usize),
}

impl Work {
    /// The total and the number of series that are right after this many operations. Raw
    /// loops that are repeated by threads count each thread's operations.
    #[must_use]
    pub fn expected(self, operations: u64) -> Total {
        let (count, sum, series) = match self {
            Self::Counter | Self::Gauge => (operations as f64, 0.0, 64),
            Self::ClosedPair => (operations as f64, 0.0, 24),
            Self::Handle | Self::GaugeAdd => (operations as f64, 0.0, 1),
            // Rounds are whole cycles, so that the last value is the last of the cycle.
            Self::GaugeSet => (workloads::LAST_LEVEL, 0.0, 1),
            Self::Histogram => (operations as f64, workloads::sum_of_observations(operations), 64),
            Self::HistogramHandle => (operations as f64, workloads::sum_of_observations(operations), 1),
            Self::Series(n) => (operations as f64, 0.0, n),
            Self::CountersText(n) => ((0..n).map(|i| workloads::text_value(i) as f64).sum(), 0.0, n),
            Self::HistogramsText(n) => ((64 * n) as f64, n as f64 * workloads::sum_of_observations(64), n),
        };
        Total { count, sum, series }
    }

    /// Rounds are multiples of this many operations.
    #[must_use]
    pub fn cycle(self) -> u64 {
        match self {
            Self::CountersText(_) | Self::HistogramsText(_) => 1,
            Self::Series(n) => n as u64,
            _ => 64,
        }
    }

    /// Whether the value afterwards does not depend on how often the work was done.
    #[must_use]
    pub fn is_idempotent(self) -> bool {
        matches!(self, Self::GaugeSet | Self::CountersText(_) | Self::HistogramsText(_))
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counter => f.write_str("counter"),
            Self::ClosedPair => f.write_str("closed-pair"),
            Self::Handle => f.write_str("handle"),
            Self::Histogram => f.write_str("histogram"),
            Self::HistogramHandle => f.write_str("histogram-handle"),
            Self::Gauge => f.write_str("gauge"),
            Self::GaugeSet => f.write_str("gauge-set"),
            Self::GaugeAdd => f.write_str("gauge-add"),
            Self::Series(n) => write!(f, "series:{n}"),
            Self::CountersText(n) => write!(f, "counters-text:{n}"),
            Self::HistogramsText(n) => write!(f, "histograms-text:{n}"),
        }
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, size) = text.split_once(':').unwrap_or((text, "0"));
        let size = size.parse().map_err(|error| format!("{text}: {error}"))?;
        Ok(match name {
            "counter" => Self::Counter,
            "closed-pair" => Self::ClosedPair,
            "handle" => Self::Handle,
            "histogram" => Self::Histogram,
            "histogram-handle" => Self::HistogramHandle,
            "gauge" => Self::Gauge,
            "gauge-set" => Self::GaugeSet,
            "gauge-add" => Self::GaugeAdd,
            "series" => Self::Series(size),
            "counters-text" => Self::CountersText(size),
            "histograms-text" => Self::HistogramsText(size),
            _ => return Err(format!("no work is called {text}")),
        })
    }
}

/// Calls `op` `operations` times with the items in turn. The compiler sees neither the items
/// nor that they come back, for any candidate.
#[inline(always)]
pub fn cycle<T>(items: &[T], operations: u64, mut op: impl FnMut(&T)) {
    let mut left = operations as usize;
    while left > 0 {
        let pass = &items[..items.len().min(left)];
        for item in black_box(pass) {
            op(black_box(item));
        }
        left -= pass.len();
    }
}

/// Calls `op` `operations` times with one item, which the compiler must treat as new each time.
#[inline(always)]
pub fn repeat<T>(item: &T, operations: u64, mut op: impl FnMut(&T)) {
    for _ in 0..operations {
        op(black_box(item));
    }
}
