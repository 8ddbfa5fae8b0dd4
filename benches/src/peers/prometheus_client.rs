//! `prometheus-client`: families keyed by an owned label struct, and owned metrics as handles.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64};

use orchq_metrics_bench_harness::{
    Candidate, Filled, Form, Work,
    workloads::{self, Engine, LabelSet, Reason},
};
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Metric, Registry},
};

pub(super) struct PrometheusClient;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Closed<L>(L);

impl EncodeLabelValue for Closed<Engine> {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.0.as_str().encode(encoder)
    }
}

impl EncodeLabelValue for Closed<Reason> {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.0.as_str().encode(encoder)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    engine: Closed<Engine>,
    engine_version: String,
    pool_id: String,
    replica_id: String,
    priority: String,
}

impl From<&LabelSet> for Labels {
    fn from(set: &LabelSet) -> Self {
        Self {
            engine: Closed(set.engine),
            engine_version: set.engine_version.as_ref().to_owned(),
            pool_id: set.pool_id.as_ref().to_owned(),
            replica_id: set.replica_id.as_ref().to_owned(),
            priority: set.priority.as_ref().to_owned(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HistogramLabels {
    engine: Closed<Engine>,
    engine_version: String,
    pool_id: String,
    priority: String,
}

impl From<&LabelSet> for HistogramLabels {
    fn from(set: &LabelSet) -> Self {
        Self {
            engine: Closed(set.engine),
            engine_version: set.engine_version.as_ref().to_owned(),
            pool_id: set.pool_id.as_ref().to_owned(),
            priority: set.priority.as_ref().to_owned(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Pair {
    reason: Closed<Reason>,
    engine: Closed<Engine>,
}

type Counters = Family<Labels, Counter<u64, AtomicU64>>;
type Gauges = Family<Labels, Gauge<i64, AtomicI64>>;
type FloatGauges = Family<Labels, Gauge<f64, AtomicU64>>;
type Histograms = Family<HistogramLabels, Histogram, fn() -> Histogram>;

impl Candidate for PrometheusClient {
    fn name(&self) -> &'static str {
        "prometheus-client"
    }

    fn forms(&self, work: Work) -> Vec<Form> {
        let one = workloads::one_label_set();
        match work {
            Work::Counter => counter(),
            Work::ClosedPair => {
                let (rejected, text) = served("bench_rejected", Family::<Pair, Counter>::default());
                let pairs = workloads::closed_pairs().into_iter();
                let pairs = pairs.map(|(reason, engine)| Pair { reason: Closed(reason), engine: Closed(engine) });
                let count = move |pair: &Pair| _ = rejected.get_or_create(pair).inc();
                vec![Form::cycling("label set", pairs.collect(), count, text)]
            }
            Work::Handle => {
                let (tasks, text) = served("bench_tasks", Counters::default());
                let tasks = tasks.get_or_create_owned(&Labels::from(&one));
                vec![Form::repeating("handle", tasks, |tasks| _ = tasks.inc(), text)]
            }
            Work::Histogram => histogram(),
            Work::HistogramHandle => {
                let (latency, text) = served(workloads::HISTOGRAM, histograms());
                let latency = latency.get_or_create_owned(&HistogramLabels::from(&one));
                let observe = move |value: &f64| latency.observe(*value);
                vec![Form::cycling("handle", workloads::observations().to_vec(), observe, text)]
            }
            Work::Gauge => {
                let (depth, text) = served(workloads::GAUGE, Gauges::default());
                let raise = move |set: &LabelSet| _ = depth.get_or_create(&Labels::from(set)).inc();
                vec![Form::cycling("strings", workloads::label_sets(), raise, text)]
            }
            Work::GaugeSet => {
                let (depth, text) = served(workloads::GAUGE, FloatGauges::default());
                let depth = depth.get_or_create_owned(&Labels::from(&one));
                vec![Form::cycling("handle", workloads::levels(), move |level| _ = depth.set(*level), text)]
            }
            Work::GaugeAdd => {
                let (depth, text) = served(workloads::GAUGE, Gauges::default());
                let depth = depth.get_or_create_owned(&Labels::from(&one));
                vec![Form::repeating("handle", depth, |depth| _ = depth.inc(), text)]
            }
            Work::Series(n) => {
                let (tasks, text) = served("bench_tasks", filled(n));
                let count = move |set: &LabelSet| _ = tasks.get_or_create(&Labels::from(set)).inc();
                vec![Form::cycling("strings", workloads::shuffled_series(n), count, text).counting_from_here()]
            }
            Work::CountersText(n) => {
                let tasks = Counters::default();
                for i in 0..n {
                    tasks.get_or_create(&Labels::from(&workloads::series(i))).inc_by(workloads::text_value(i));
                }
                let registry = registered("bench_tasks", tasks);
                vec![Form::encoding(move |out: &mut String| encode(&registry, out))]
            }
            Work::HistogramsText(n) => {
                let latency = histograms();
                for i in 0..n {
                    let series = latency.get_or_create(&HistogramLabels::from(&workloads::histogram_series(i)));
                    workloads::observations().iter().for_each(|value| series.observe(*value));
                }
                let registry = registered(workloads::HISTOGRAM, latency);
                vec![Form::encoding(move |out: &mut String| encode(&registry, out))]
            }
        }
    }

    fn fill(&self, series: usize) -> Option<Filled> {
        Some(Box::new(served("bench_tasks", filled(series)).1))
    }
}

fn counter() -> Vec<Form> {
    let (tasks, text) = served("bench_tasks", Counters::default());
    let count = move |set: &LabelSet| _ = tasks.get_or_create(&Labels::from(set)).inc();
    let strings = Form::cycling("strings", workloads::label_sets(), count, text);

    let (tasks, text) = served("bench_tasks", Counters::default());
    let sets = workloads::label_sets().iter().map(Labels::from).collect();
    let count = move |set: &Labels| _ = tasks.get_or_create(set).inc();
    vec![strings, Form::cycling("label set", sets, count, text)]
}

fn histogram() -> Vec<Form> {
    let (latency, text) = served(workloads::HISTOGRAM, histograms());
    let observe = move |(set, value): &(LabelSet, f64)| {
        latency.get_or_create(&HistogramLabels::from(set)).observe(*value);
    };
    let strings = Form::cycling("strings", workloads::observed_sets(), observe, text);

    let (latency, text) = served(workloads::HISTOGRAM, histograms());
    let sets = workloads::observed_sets().iter().map(|(set, value)| (HistogramLabels::from(set), *value)).collect();
    let observe = move |(set, value): &(HistogramLabels, f64)| latency.get_or_create(set).observe(*value);
    vec![strings, Form::cycling("label set", sets, observe, text)]
}

fn histograms() -> Histograms {
    Family::new_with_constructor(|| Histogram::new(workloads::BUCKETS))
}

fn filled(series: usize) -> Counters {
    let tasks = Counters::default();
    for i in 0..series {
        tasks.get_or_create(&Labels::from(&workloads::series(i))).inc();
    }
    tasks
}

/// Counters are registered without their `_total`, which the encoder adds.
fn registered(name: &str, family: impl Metric) -> Registry {
    let mut registry = Registry::default();
    registry.register(name, workloads::HELP, family);
    registry
}

fn served<F: Metric + Clone>(name: &str, family: F) -> (F, impl Fn() -> String + use<F>) {
    let registry = registered(name, family.clone());
    let text = move || {
        let mut text = String::new();
        encode(&registry, &mut text);
        text
    };
    (family, text)
}

fn encode(registry: &Registry, out: &mut String) {
    text::encode(out, registry).expect("writing to a string does not fail");
}
