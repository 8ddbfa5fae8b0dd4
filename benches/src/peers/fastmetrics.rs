//! `fastmetrics`: families keyed by an owned label struct, whose metrics are updated in a closure.

use fastmetrics::derive::LabelSet as FastLabelSet;
use fastmetrics::encoder::{EncodeLabelValue, LabelEncoder};
use fastmetrics::format::text::{self, TextProfile};
use fastmetrics::metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram};
use fastmetrics::registry::Registry;
use orchq_metrics_bench_harness::{
    Candidate, Filled, Form, Work,
    workloads::{self, Engine, LabelSet, Reason},
};

pub(super) struct FastMetrics;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Closed<L>(L);

impl EncodeLabelValue for Closed<Engine> {
    fn encode(&self, encoder: &mut dyn LabelEncoder) -> fastmetrics::error::Result<()> {
        encoder.encode_str_value(self.0.as_str())
    }
}

impl EncodeLabelValue for Closed<Reason> {
    fn encode(&self, encoder: &mut dyn LabelEncoder) -> fastmetrics::error::Result<()> {
        encoder.encode_str_value(self.0.as_str())
    }
}

#[derive(Clone, PartialEq, Eq, Hash, FastLabelSet)]
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

#[derive(Clone, PartialEq, Eq, Hash, FastLabelSet)]
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

#[derive(Clone, Copy, PartialEq, Eq, Hash, FastLabelSet)]
struct Pair {
    reason: Closed<Reason>,
    engine: Closed<Engine>,
}

type Counters = Family<Labels, Counter>;
type Histograms = Family<HistogramLabels, Histogram>;

impl Candidate for FastMetrics {
    fn name(&self) -> &'static str {
        "fastmetrics"
    }

    fn forms(&self, work: Work) -> Vec<Form> {
        let one = workloads::one_label_set();
        match work {
            Work::Counter => counter(),
            Work::ClosedPair => {
                let rejected = Family::<Pair, Counter>::default();
                let text = text_of(&registered("bench_rejected", &rejected));
                let pairs = workloads::closed_pairs().into_iter();
                let pairs = pairs.map(|(reason, engine)| Pair { reason: Closed(reason), engine: Closed(engine) });
                let count = move |pair: &Pair| rejected.with_or_new(pair, |series| series.inc());
                vec![Form::cycling("label set", pairs.collect(), count, text)]
            }
            Work::Handle => {
                let tasks = Counters::default();
                let text = text_of(&registered("bench_tasks", &tasks));
                let tasks = tasks.with_or_new(&Labels::from(&one), Counter::clone);
                vec![Form::repeating("handle", tasks, |tasks| tasks.inc(), text)]
            }
            Work::Histogram => histogram(),
            Work::HistogramHandle => {
                let latency = histograms();
                let text = text_of(&registered(workloads::HISTOGRAM, &latency));
                let latency = latency.with_or_new(&HistogramLabels::from(&one), Histogram::clone);
                let observe = move |value: &f64| latency.observe(*value);
                vec![Form::cycling("handle", workloads::observations().to_vec(), observe, text)]
            }
            Work::Gauge => {
                let depth = Family::<Labels, Gauge<i64>>::default();
                let text = text_of(&registered(workloads::GAUGE, &depth));
                let raise = move |set: &LabelSet| depth.with_or_new(&Labels::from(set), |series| series.inc());
                vec![Form::cycling("strings", workloads::label_sets(), raise, text)]
            }
            Work::GaugeSet => {
                let depth = Family::<Labels, Gauge<f64>>::default();
                let text = text_of(&registered(workloads::GAUGE, &depth));
                let depth = depth.with_or_new(&Labels::from(&one), Gauge::clone);
                vec![Form::cycling("handle", workloads::levels(), move |level| depth.set(*level), text)]
            }
            Work::GaugeAdd => {
                let depth = Family::<Labels, Gauge<i64>>::default();
                let text = text_of(&registered(workloads::GAUGE, &depth));
                let depth = depth.with_or_new(&Labels::from(&one), Gauge::clone);
                vec![Form::repeating("handle", depth, |depth| depth.inc(), text)]
            }
            Work::Series(n) => {
                let tasks = filled(n);
                let text = text_of(&registered("bench_tasks", &tasks));
                let count = move |set: &LabelSet| tasks.with_or_new(&Labels::from(set), |series| series.inc());
                vec![Form::cycling("strings", workloads::shuffled_series(n), count, text).counting_from_here()]
            }
            Work::CountersText(n) => {
                let tasks = Counters::default();
                for i in 0..n {
                    let labels = Labels::from(&workloads::series(i));
                    tasks.with_or_new(&labels, |series| series.inc_by(workloads::text_value(i)));
                }
                let registry = registered("bench_tasks", &tasks);
                vec![Form::encoding(move |out| encode(&registry, out))]
            }
            Work::HistogramsText(n) => {
                let latency = histograms();
                for i in 0..n {
                    let labels = HistogramLabels::from(&workloads::histogram_series(i));
                    latency.with_or_new(&labels, |series| {
                        workloads::observations().iter().for_each(|value| series.observe(*value));
                    });
                }
                let registry = registered(workloads::HISTOGRAM, &latency);
                vec![Form::encoding(move |out| encode(&registry, out))]
            }
        }
    }

    fn fill(&self, series: usize) -> Option<Filled> {
        Some(Box::new(text_of(&registered("bench_tasks", &filled(series)))))
    }
}

fn counter() -> Vec<Form> {
    let tasks = Counters::default();
    let text = text_of(&registered("bench_tasks", &tasks));
    let count = move |set: &LabelSet| tasks.with_or_new(&Labels::from(set), |series| series.inc());
    let strings = Form::cycling("strings", workloads::label_sets(), count, text);

    let tasks = Counters::default();
    let text = text_of(&registered("bench_tasks", &tasks));
    let sets = workloads::label_sets().iter().map(Labels::from).collect();
    let count = move |set: &Labels| tasks.with_or_new(set, |series| series.inc());
    vec![strings, Form::cycling("label set", sets, count, text)]
}

fn histogram() -> Vec<Form> {
    let latency = histograms();
    let text = text_of(&registered(workloads::HISTOGRAM, &latency));
    let observe = move |(set, value): &(LabelSet, f64)| {
        latency.with_or_new(&HistogramLabels::from(set), |series| series.observe(*value));
    };
    let strings = Form::cycling("strings", workloads::observed_sets(), observe, text);

    let latency = histograms();
    let text = text_of(&registered(workloads::HISTOGRAM, &latency));
    let sets = workloads::observed_sets().iter().map(|(set, value)| (set.into(), *value)).collect();
    let observe = move |(set, value): &(HistogramLabels, f64)| {
        latency.with_or_new(set, |series| series.observe(*value));
    };
    vec![strings, Form::cycling("label set", sets, observe, text)]
}

fn histograms() -> Histograms {
    Family::new(|| Histogram::new(workloads::BUCKETS))
}

fn filled(series: usize) -> Counters {
    let tasks = Counters::default();
    for i in 0..series {
        tasks.with_or_new(&Labels::from(&workloads::series(i)), |series| series.inc());
    }
    tasks
}

/// Counters are registered without their `_total`, which the encoder adds.
fn registered<M>(name: &'static str, family: &M) -> std::sync::Arc<Registry>
where
    M: fastmetrics::registry::Metric + Clone,
{
    let mut registry = Registry::default();
    registry.register(name, workloads::HELP, family.clone()).expect("the registry is empty");
    std::sync::Arc::new(registry)
}

fn encode(registry: &Registry, out: &mut String) {
    text::encode(out, registry, TextProfile::PrometheusV0_0_4).expect("writing to a string does not fail");
}

fn text_of(registry: &std::sync::Arc<Registry>) -> impl Fn() -> String + use<> {
    let registry = std::sync::Arc::clone(registry);
    move || {
        let mut text = String::new();
        encode(&registry, &mut text);
        text
    }
}
