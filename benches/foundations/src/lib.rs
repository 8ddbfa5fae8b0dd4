//! `foundations-metrics`, in a build of its own: it turns on a feature of prometheus-client that changes what
//! that crate costs.

use std::num::NonZeroUsize;
use std::sync::Arc;

use foundations_metrics::{
    Counter, EncodeMetric, Family, Gauge, Histogram, LowCardinalityFamily, LowCardinalityLabel, NamedMetric,
    ThreadLocalCounter, encode_to_text,
};
use orchq_metrics_bench_harness::{
    Candidate, Filled, Form, Work,
    workloads::{self, Engine, LabelSet, Reason},
};
use serde::{Serialize, Serializer};

/// The library of Cloudflare's foundations.
pub struct Foundations;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Closed<L>(L);

impl Serialize for Closed<Engine> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl Serialize for Closed<Reason> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
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

#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
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

#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize)]
struct Pair {
    reason: Closed<Reason>,
    engine: Closed<Engine>,
}

/// Written out as the derive of foundations, which needs that whole crate, would write it.
impl LowCardinalityLabel for Pair {
    const CARDINALITY: NonZeroUsize = NonZeroUsize::new(24).unwrap();

    fn index(&self) -> usize {
        self.reason.0 as usize * Engine::ALL.len() + self.engine.0 as usize
    }
}

type Counters = Family<Labels, Counter>;
type LocalCounters = Family<Labels, ThreadLocalCounter>;
type Gauges = Family<Labels, Gauge<u64>>;
type FloatGauges = Family<Labels, Gauge<f64>>;
type Histograms = Family<HistogramLabels, Histogram, fn() -> Histogram>;

impl Candidate for Foundations {
    fn name(&self) -> &'static str {
        "foundations-metrics"
    }

    fn forms(&self, work: Work) -> Vec<Form> {
        let one = workloads::one_label_set();
        match work {
            Work::Counter => counter(),
            Work::ClosedPair => closed_pair(),
            Work::Handle => {
                let family = Counters::default();
                let tasks = family.get_or_create_owned(&Labels::from(&one));
                let shared =
                    Form::repeating("handle", tasks, |tasks| _ = tasks.inc(), text_of(workloads::COUNTER, family));
                let family = LocalCounters::default();
                let tasks = family.get_or_create_owned(&Labels::from(&one));
                let text = text_of(workloads::COUNTER, family);
                vec![shared, Form::repeating("handle, local", tasks, |tasks| tasks.inc(), text)]
            }
            Work::Histogram => histogram(),
            Work::HistogramHandle => {
                let family = histograms();
                let latency = family.get_or_create_owned(&HistogramLabels::from(&one));
                let observe = move |value: &f64| latency.observe(*value);
                let values = workloads::observations().to_vec();
                vec![Form::cycling("handle", values, observe, text_of(workloads::HISTOGRAM, family))]
            }
            Work::Gauge => {
                let (depth, shown) = twice(Gauges::default());
                let raise = move |set: &LabelSet| _ = depth.get_or_create(&Labels::from(set)).inc();
                vec![Form::cycling("strings", workloads::label_sets(), raise, text_of(workloads::GAUGE, shown))]
            }
            Work::GaugeSet => {
                let family = FloatGauges::default();
                let depth = family.get_or_create_owned(&Labels::from(&one));
                let set = move |level: &f64| _ = depth.set(*level);
                vec![Form::cycling("handle", workloads::levels(), set, text_of(workloads::GAUGE, family))]
            }
            Work::GaugeAdd => {
                let family = Gauges::default();
                let depth = family.get_or_create_owned(&Labels::from(&one));
                vec![Form::repeating("handle", depth, |depth| _ = depth.inc(), text_of(workloads::GAUGE, family))]
            }
            Work::Series(n) => {
                let (tasks, shown) = twice(filled(n));
                let count = move |set: &LabelSet| _ = tasks.get_or_create(&Labels::from(set)).inc();
                let sets = workloads::shuffled_series(n);
                vec![Form::cycling("strings", sets, count, text_of(workloads::COUNTER, shown)).counting_from_here()]
            }
            Work::CountersText(n) => {
                let tasks = Counters::default();
                for i in 0..n {
                    tasks.get_or_create(&Labels::from(&workloads::series(i))).inc_by(workloads::text_value(i));
                }
                vec![encoding(workloads::COUNTER, tasks)]
            }
            Work::HistogramsText(n) => {
                let latency = histograms();
                for i in 0..n {
                    let series = latency.get_or_create_owned(&HistogramLabels::from(&workloads::histogram_series(i)));
                    workloads::observations().iter().for_each(|value| series.observe(*value));
                }
                vec![encoding(workloads::HISTOGRAM, latency)]
            }
        }
    }

    fn fill(&self, series: usize) -> Option<Filled> {
        Some(Box::new(text_of(workloads::COUNTER, filled(series))))
    }
}

fn counter() -> Vec<Form> {
    let (tasks, shown) = twice(Counters::default());
    let count = move |set: &LabelSet| _ = tasks.get_or_create(&Labels::from(set)).inc();
    let strings = Form::cycling("strings", workloads::label_sets(), count, text_of(workloads::COUNTER, shown));

    let sets: Vec<Labels> = workloads::label_sets().iter().map(Labels::from).collect();
    let (tasks, shown) = twice(Counters::default());
    let count = move |set: &Labels| _ = tasks.get_or_create(set).inc();
    let ready = Form::cycling("label set", sets.clone(), count, text_of(workloads::COUNTER, shown));

    let (tasks, shown) = twice(LocalCounters::default());
    let count = move |set: &Labels| tasks.get_or_create(set).inc();
    vec![strings, ready, Form::cycling("label set, local", sets, count, text_of(workloads::COUNTER, shown))]
}

fn closed_pair() -> Vec<Form> {
    let pairs = workloads::closed_pairs().into_iter();
    let pairs: Vec<Pair> =
        pairs.map(|(reason, engine)| Pair { reason: Closed(reason), engine: Closed(engine) }).collect();
    let (rejected, shown) = twice(LowCardinalityFamily::<Pair, Counter>::default());
    let count = move |pair: &Pair| _ = rejected.get_or_create(pair).inc();
    let shared = Form::cycling("label set", pairs.clone(), count, text_of(workloads::CLOSED, shown));

    let (rejected, shown) = twice(LowCardinalityFamily::<Pair, ThreadLocalCounter>::default());
    let count = move |pair: &Pair| rejected.get_or_create(pair).inc();
    vec![shared, Form::cycling("label set, local", pairs, count, text_of(workloads::CLOSED, shown))]
}

fn histogram() -> Vec<Form> {
    let (latency, shown) = twice(histograms());
    let observe = move |(set, value): &(LabelSet, f64)| {
        latency.get_or_create(&HistogramLabels::from(set)).observe(*value);
    };
    let observed = workloads::observed_sets();
    let strings = Form::cycling("strings", observed.clone(), observe, text_of(workloads::HISTOGRAM, shown));

    let (latency, shown) = twice(histograms());
    let ready = observed.iter().map(|(set, value)| (set.into(), *value)).collect();
    let observe = move |(set, value): &(HistogramLabels, f64)| latency.get_or_create(set).observe(*value);
    vec![strings, Form::cycling("label set", ready, observe, text_of(workloads::HISTOGRAM, shown))]
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

/// One to record into, and one to show.
fn twice<F: Clone>(family: F) -> (F, F) {
    (family.clone(), family)
}

/// The part of a scrape that is about this one family. The process-wide registry cannot forget, and would
/// show those of other works as well.
fn encode<F>(family: &NamedMetric<F>) -> String
where
    NamedMetric<F>: EncodeMetric,
{
    encode_to_text(&family.encode())
}

fn text_of<F>(name: &'static str, family: F) -> impl Fn() -> String
where
    NamedMetric<F>: EncodeMetric,
{
    let family = NamedMetric::new(name, workloads::HELP, family);
    move || encode(&family)
}

fn encoding<F>(name: &'static str, family: F) -> Form
where
    NamedMetric<F>: EncodeMetric + Send + Sync + 'static,
{
    let family = Arc::new(NamedMetric::new(name, workloads::HELP, family));
    // It gives text of its own, and writes into no buffer.
    Form::encoding(move |out: &mut String| *out = encode(&family))
}
