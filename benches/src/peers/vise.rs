//! `vise`: families keyed by an owned label struct, and references into them as handles.

use std::sync::Arc;

use orchq_metrics_bench_harness::{
    Candidate, Filled, Form, Work,
    workloads::{self, LabelSet},
};
use vise::{Buckets, Counter, EncodeLabelSet, EncodeLabelValue, Family, Format, Gauge, Histogram, Metrics, Registry};

pub(super) struct Vise;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
#[metrics(rename_all = "lowercase")]
enum Engine {
    LlamaCpp,
    Vllm,
    Tgi,
    Triton,
}

impl From<workloads::Engine> for Engine {
    fn from(engine: workloads::Engine) -> Self {
        match engine {
            workloads::Engine::LlamaCpp => Self::LlamaCpp,
            workloads::Engine::Vllm => Self::Vllm,
            workloads::Engine::Tgi => Self::Tgi,
            workloads::Engine::Triton => Self::Triton,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
#[metrics(rename_all = "SCREAMING_SNAKE_CASE")]
enum Reason {
    AdmissionReject,
    QueueFullDropLru,
    InvalidParams,
    PoolUnready,
    PoolUnavailable,
    ReplicaExhausted,
}

impl From<workloads::Reason> for Reason {
    fn from(reason: workloads::Reason) -> Self {
        match reason {
            workloads::Reason::AdmissionReject => Self::AdmissionReject,
            workloads::Reason::QueueFullDropLru => Self::QueueFullDropLru,
            workloads::Reason::InvalidParams => Self::InvalidParams,
            workloads::Reason::PoolUnready => Self::PoolUnready,
            workloads::Reason::PoolUnavailable => Self::PoolUnavailable,
            workloads::Reason::ReplicaExhausted => Self::ReplicaExhausted,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    engine: Engine,
    engine_version: String,
    pool_id: String,
    replica_id: String,
    priority: String,
}

impl From<&LabelSet> for Labels {
    fn from(set: &LabelSet) -> Self {
        Self {
            engine: set.engine.into(),
            engine_version: set.engine_version.as_ref().to_owned(),
            pool_id: set.pool_id.as_ref().to_owned(),
            replica_id: set.replica_id.as_ref().to_owned(),
            priority: set.priority.as_ref().to_owned(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HistogramLabels {
    engine: Engine,
    engine_version: String,
    pool_id: String,
    priority: String,
}

impl From<&LabelSet> for HistogramLabels {
    fn from(set: &LabelSet) -> Self {
        Self {
            engine: set.engine.into(),
            engine_version: set.engine_version.as_ref().to_owned(),
            pool_id: set.pool_id.as_ref().to_owned(),
            priority: set.priority.as_ref().to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pair {
    reason: Reason,
    engine: Engine,
}

const BUCKETS: Buckets = Buckets::values(&workloads::BUCKETS);

#[derive(Debug, Metrics)]
#[metrics(prefix = "bench")]
struct Recorded {
    /// What the benchmark records.
    tasks: Family<Labels, Counter>,
    /// What the benchmark records.
    rejected: Family<Pair, Counter>,
    /// What the benchmark records.
    #[metrics(buckets = BUCKETS)]
    latency_ms: Family<HistogramLabels, Histogram>,
    /// What the benchmark records.
    depth: Family<Labels, Gauge>,
    /// What the benchmark records.
    level: Family<Labels, Gauge<f64>>,
}

impl Candidate for Vise {
    fn name(&self) -> &'static str {
        "vise"
    }

    fn forms(&self, work: Work) -> Vec<Form> {
        let (metrics, registry) = registered();
        let one = workloads::one_label_set();
        match work {
            Work::Counter => {
                let count = move |set: &LabelSet| _ = metrics.tasks[&Labels::from(set)].inc();
                let strings = Form::cycling("strings", workloads::label_sets(), count, text_of(registry));
                let (metrics, registry) = registered();
                let sets = workloads::label_sets().iter().map(Labels::from).collect();
                let count = move |set: &Labels| _ = metrics.tasks[set].inc();
                vec![strings, Form::cycling("label set", sets, count, text_of(registry))]
            }
            Work::ClosedPair => {
                let pairs = workloads::closed_pairs().into_iter();
                let pairs = pairs.map(|(reason, engine)| Pair { reason: reason.into(), engine: engine.into() });
                let count = move |pair: &Pair| _ = metrics.rejected[pair].inc();
                vec![Form::cycling("label set", pairs.collect(), count, text_of(registry))]
            }
            Work::Handle => {
                let tasks = metrics.tasks[&Labels::from(&one)].clone();
                vec![Form::repeating("handle", tasks, |tasks| _ = tasks.inc(), text_of(registry))]
            }
            Work::Histogram => {
                let observe = move |(set, value): &(LabelSet, f64)| {
                    metrics.latency_ms[&HistogramLabels::from(set)].observe(*value);
                };
                let strings = Form::cycling("strings", workloads::observed_sets(), observe, text_of(registry));
                let (metrics, registry) = registered();
                let sets = workloads::observed_sets().iter().map(|(set, value)| (set.into(), *value)).collect();
                let observe = move |(set, value): &(HistogramLabels, f64)| metrics.latency_ms[set].observe(*value);
                vec![strings, Form::cycling("label set", sets, observe, text_of(registry))]
            }
            Work::HistogramHandle => {
                let latency = metrics.latency_ms[&HistogramLabels::from(&one)].clone();
                let observe = move |value: &f64| latency.observe(*value);
                vec![Form::cycling("handle", workloads::observations().to_vec(), observe, text_of(registry))]
            }
            Work::Gauge => {
                let raise = move |set: &LabelSet| _ = metrics.depth[&Labels::from(set)].inc_by(1);
                vec![Form::cycling("strings", workloads::label_sets(), raise, text_of(registry))]
            }
            Work::GaugeSet => {
                let level = metrics.level[&Labels::from(&one)].clone();
                let set = move |to: &f64| _ = level.set(*to);
                vec![Form::cycling("handle", workloads::levels(), set, text_of(registry))]
            }
            Work::GaugeAdd => {
                let depth = metrics.depth[&Labels::from(&one)].clone();
                vec![Form::repeating("handle", depth, |depth| _ = depth.inc_by(1), text_of(registry))]
            }
            Work::Series(n) => {
                fill(&metrics, n);
                let count = move |set: &LabelSet| _ = metrics.tasks[&Labels::from(set)].inc();
                let sets = workloads::shuffled_series(n);
                vec![Form::cycling("strings", sets, count, text_of(registry)).counting_from_here()]
            }
            Work::CountersText(n) => {
                for i in 0..n {
                    metrics.tasks[&Labels::from(&workloads::series(i))].inc_by(workloads::text_value(i));
                }
                vec![Form::encoding(move |out| encode(&registry, out))]
            }
            Work::HistogramsText(n) => {
                for i in 0..n {
                    let series = &metrics.latency_ms[&HistogramLabels::from(&workloads::histogram_series(i))];
                    workloads::observations().iter().for_each(|value| series.observe(*value));
                }
                vec![Form::encoding(move |out| encode(&registry, out))]
            }
        }
    }

    fn fill(&self, series: usize) -> Option<Filled> {
        let (metrics, registry) = registered();
        fill(&metrics, series);
        Some(Box::new(text_of(registry)))
    }
}

fn fill(metrics: &Recorded, series: usize) {
    for i in 0..series {
        metrics.tasks[&Labels::from(&workloads::series(i))].inc();
    }
}

fn registered() -> (Arc<Recorded>, Registry) {
    let metrics = Recorded::default();
    let mut registry = Registry::empty();
    registry.register_metrics(&metrics);
    (Arc::new(metrics), registry)
}

/// It writes OpenMetrics directly, and converts that to the Prometheus format line by line.
fn encode(registry: &Registry, out: &mut String) {
    registry.encode(out, Format::OpenMetrics).expect("writing to a string does not fail");
}

fn text_of(registry: Registry) -> impl Fn() -> String + use<> {
    move || {
        let mut text = String::new();
        encode(&registry, &mut text);
        text
    }
}
