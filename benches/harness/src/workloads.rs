//! The inputs, the same for every candidate.

use std::sync::Arc;

/// The names of the five labels, in their order.
pub const LABELS: [&str; 5] = ["engine", "engine_version", "pool_id", "replica_id", "priority"];

/// The names of the four labels of the histogram.
pub const HISTOGRAM_LABELS: [&str; 4] = ["engine", "engine_version", "pool_id", "priority"];

/// The counter with five labels.
pub const COUNTER: &str = "bench_tasks_total";

/// The counter with two closed labels.
pub const CLOSED: &str = "bench_rejected_total";

/// The labels of the counter with two closed ones.
pub const CLOSED_LABELS: [&str; 2] = ["reason", "engine"];

/// The histogram.
pub const HISTOGRAM: &str = "bench_latency_ms";

/// The gauge with five labels.
pub const GAUGE: &str = "bench_depth";

/// The help text of every metric.
pub const HELP: &str = "What the benchmark records.";

/// The upper bounds of the histogram's buckets, in milliseconds: those of OrchQueue's time to first token.
pub const BUCKETS: [f64; 14] = [5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 10e3, 30e3, 60e3, 120e3];

/// The level that is left when a cycle of 64 levels has been set.
pub const LAST_LEVEL: f64 = 63.0;

/// The kind of engine: a closed label of four values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// The llama.cpp server.
    LlamaCpp,
    /// vLLM.
    Vllm,
    /// Text Generation Inference.
    Tgi,
    /// Triton.
    Triton,
}

impl Engine {
    /// All four.
    pub const ALL: [Self; 4] = [Self::LlamaCpp, Self::Vllm, Self::Tgi, Self::Triton];

    /// The value as it is scraped.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llamacpp",
            Self::Vllm => "vllm",
            Self::Tgi => "tgi",
            Self::Triton => "triton",
        }
    }
}

/// Why a task is rejected: a closed label of six values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The queue is full.
    AdmissionReject,
    /// Dropped for another task.
    QueueFullDropLru,
    /// The request makes no sense.
    InvalidParams,
    /// The pool does not serve yet.
    PoolUnready,
    /// There is no such pool.
    PoolUnavailable,
    /// No replica can hold the task.
    ReplicaExhausted,
}

impl Reason {
    /// All six.
    pub const ALL: [Self; 6] = [
        Self::AdmissionReject,
        Self::QueueFullDropLru,
        Self::InvalidParams,
        Self::PoolUnready,
        Self::PoolUnavailable,
        Self::ReplicaExhausted,
    ];

    /// The value as it is scraped.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AdmissionReject => "ADMISSION_REJECT",
            Self::QueueFullDropLru => "QUEUE_FULL_DROP_LRU",
            Self::InvalidParams => "INVALID_PARAMS",
            Self::PoolUnready => "POOL_UNREADY",
            Self::PoolUnavailable => "POOL_UNAVAILABLE",
            Self::ReplicaExhausted => "REPLICA_EXHAUSTED",
        }
    }
}

/// A label set as a caller has it at run time. The open values are shared text and not
/// `&'static str`, so that no candidate can borrow them for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LabelSet {
    /// A closed value.
    pub engine: Engine,
    /// An open value.
    pub engine_version: Arc<str>,
    /// An open value.
    pub pool_id: Arc<str>,
    /// An open value; the histogram has no such label.
    pub replica_id: Arc<str>,
    /// An open value.
    pub priority: Arc<str>,
}

impl LabelSet {
    /// The values of the five labels.
    #[must_use]
    pub fn values(&self) -> [&str; 5] {
        [self.engine.as_str(), &self.engine_version, &self.pool_id, &self.replica_id, &self.priority]
    }

    /// The values of the histogram's four labels.
    #[must_use]
    pub fn histogram_values(&self) -> [&str; 4] {
        [self.engine.as_str(), &self.engine_version, &self.pool_id, &self.priority]
    }
}

const PRIORITIES: [&str; 4] = ["interactive", "normal", "batch", "background"];
const VERSIONS: [[&str; 2]; 4] = [["b4620", "b4711"], ["0.32.1", "0.33.0"], ["3.0.2", "3.1.0"], ["2.50.0", "2.51.0"]];

fn label_set(pool: usize, replica: usize, priority: usize) -> LabelSet {
    let engine = Engine::ALL[pool % 4];
    LabelSet {
        engine,
        engine_version: VERSIONS[pool % 4][pool / 4 % 2].into(),
        pool_id: format!("qwen3-8b-chat-{pool:03}").into(),
        replica_id: format!("replica-7f9c4d-{replica:04}").into(),
        priority: PRIORITIES[priority].into(),
    }
}

/// The 64 label sets that are cycled: 16 pools with four priorities, distinct also
/// without the replica.
#[must_use]
pub fn label_sets() -> Vec<LabelSet> {
    (0..64).map(|i| label_set(i / 4, i % 8, i % 4)).collect()
}

/// The label set of the resolved handle.
#[must_use]
pub fn one_label_set() -> LabelSet {
    label_set(5, 17, 1)
}

/// The label set of a numbered series: priorities, then 1,000 replicas, then pools. A
/// million of them stay within the budgets that OrchQueue's contract gives its labels.
#[must_use]
pub fn series(index: usize) -> LabelSet {
    label_set(index / 4000, index / 4 % 1000, index % 4)
}

/// The same for a histogram, which has no replica: priorities, then pools.
#[must_use]
pub fn histogram_series(index: usize) -> LabelSet {
    label_set(index / 4, 0, index % 4)
}

/// This many series, in an order in which no series follows one that is stored beside it.
#[must_use]
pub fn shuffled_series(n: usize) -> Vec<LabelSet> {
    // 7919 is a prime that divides no power of ten, so every index comes once.
    (0..n).map(|i| series(i * 7919 % n)).collect()
}

/// The 24 pairs of closed values, as a cycle of 64 that has each of them.
#[must_use]
pub fn closed_pairs() -> Vec<(Reason, Engine)> {
    (0..64).map(|i| (Reason::ALL[i * 7 % 24 / 4], Engine::ALL[i * 7 % 4])).collect()
}

/// 64 observations in whole milliseconds that visit every bucket, so that sums of them are exact.
#[must_use]
pub fn observations() -> [f64; 64] {
    // From 3 ms, below the first bound, to 150 s, above the last.
    std::array::from_fn(|i| (3.0 * 50_000f64.powf((i * 37 % 64) as f64 / 63.0)).floor())
}

/// The label sets of the histogram, each with its observation.
#[must_use]
pub fn observed_sets() -> Vec<(LabelSet, f64)> {
    label_sets().into_iter().zip(observations()).collect()
}

/// The levels that a gauge is set to in turn.
#[must_use]
pub fn levels() -> Vec<f64> {
    (0..64).map(f64::from).collect()
}

/// The sum after this many observations, in whole cycles.
#[must_use]
pub fn sum_of_observations(operations: u64) -> f64 {
    observations().iter().sum::<f64>() * (operations / 64) as f64
}

/// The value of a numbered counter in the text: of one to six digits.
#[must_use]
pub fn text_value(index: usize) -> u64 {
    1 + (index as u64 * 7919) % 100_003
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn cycles_visit_what_they_say() {
        let sets = label_sets();
        assert_eq!(sets.iter().collect::<HashSet<_>>().len(), 64);
        assert_eq!(sets.iter().map(LabelSet::histogram_values).collect::<HashSet<_>>().len(), 64);
        assert_eq!(closed_pairs().iter().collect::<HashSet<_>>().len(), 24);
        assert_eq!((0..10_000).map(series).collect::<HashSet<_>>().len(), 10_000);
        assert_eq!(shuffled_series(1000).iter().collect::<HashSet<_>>().len(), 1000);
        assert_eq!((0..1000).map(histogram_series).collect::<HashSet<_>>().len(), 1000);
    }

    #[test]
    fn observations_visit_every_bucket() {
        let mut counts = [0; 15];
        for value in observations() {
            counts[BUCKETS.partition_point(|bound| *bound < value)] += 1;
        }
        assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    }
}
