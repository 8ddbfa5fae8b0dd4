//! `measured`: closed labels by index, open ones by an interner that either grows or is fixed
//! beforehand, and the id of a label group in place of a handle.

use std::sync::Arc;

use foldhash::fast::RandomState;
use lasso::{Rodeo, RodeoReader, Spur};
use measured::label::StaticLabelSet;
use measured::metric::MetricFamilyEncoding;
use measured::metric::group::Encoding;
use measured::metric::histogram::Thresholds;
use measured::metric::name::MetricName;
use measured::text::TextEncoder;
use measured::{CounterVec, FixedCardinalityLabel, FloatGaugeVec, GaugeVec, HistogramVec, LabelGroup};
use orchq_metrics_bench_harness::{
    Candidate, Filled, Form, Work,
    workloads::{self, LabelSet},
};
use paracord::ParaCord;

pub(super) struct Measured;

#[derive(Clone, Copy, FixedCardinalityLabel)]
enum Engine {
    #[label(rename = "llamacpp")]
    LlamaCpp,
    #[label(rename = "vllm")]
    Vllm,
    #[label(rename = "tgi")]
    Tgi,
    #[label(rename = "triton")]
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

#[derive(Clone, Copy, FixedCardinalityLabel)]
#[label(rename_all = "SHOUTY_SNAKE_CASE")]
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

#[derive(Clone, Copy, LabelGroup)]
#[label(set = PairSet)]
struct Pair {
    reason: Reason,
    engine: Engine,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = LabelsSet)]
struct Labels<'a> {
    engine: Engine,
    #[label(dynamic_with = ParaCord, default)]
    engine_version: &'a str,
    #[label(dynamic_with = ParaCord, default)]
    pool_id: &'a str,
    #[label(dynamic_with = ParaCord, default)]
    replica_id: &'a str,
    #[label(dynamic_with = ParaCord, default)]
    priority: &'a str,
}

impl<'a> Labels<'a> {
    fn new(engine: Engine, set: &'a LabelSet) -> Self {
        let LabelSet { engine_version, pool_id, replica_id, priority, .. } = set;
        Self { engine, engine_version, pool_id, replica_id, priority }
    }
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = HistogramLabelsSet)]
struct HistogramLabels<'a> {
    engine: Engine,
    #[label(dynamic_with = ParaCord, default)]
    engine_version: &'a str,
    #[label(dynamic_with = ParaCord, default)]
    pool_id: &'a str,
    #[label(dynamic_with = ParaCord, default)]
    priority: &'a str,
}

impl<'a> HistogramLabels<'a> {
    fn new(engine: Engine, set: &'a LabelSet) -> Self {
        let LabelSet { engine_version, pool_id, priority, .. } = set;
        Self { engine, engine_version, pool_id, priority }
    }
}

type Fixed = RodeoReader<Spur, RandomState>;

/// The same labels with every value known beforehand, so that a label set is an index.
#[derive(Clone, Copy, LabelGroup)]
#[label(set = FixedLabelsSet)]
struct FixedLabels<'a> {
    engine: Engine,
    #[label(fixed_with = Fixed)]
    engine_version: &'a str,
    #[label(fixed_with = Fixed)]
    pool_id: &'a str,
    #[label(fixed_with = Fixed)]
    replica_id: &'a str,
    #[label(fixed_with = Fixed)]
    priority: &'a str,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = FixedHistogramLabelsSet)]
struct FixedHistogramLabels<'a> {
    engine: Engine,
    #[label(fixed_with = Fixed)]
    engine_version: &'a str,
    #[label(fixed_with = Fixed)]
    pool_id: &'a str,
    #[label(fixed_with = Fixed)]
    priority: &'a str,
}

impl Candidate for Measured {
    fn name(&self) -> &'static str {
        "measured"
    }

    fn forms(&self, work: Work) -> Vec<Form> {
        match work {
            Work::Counter => counter(),
            Work::ClosedPair => {
                let (rejected, text) = served(workloads::CLOSED, CounterVec::<PairSet>::new());
                let pairs = workloads::closed_pairs().into_iter();
                let pairs = pairs.map(|(reason, engine)| Pair { reason: reason.into(), engine: engine.into() });
                vec![Form::cycling("label set", pairs.collect(), move |pair| rejected.inc(*pair), text)]
            }
            Work::Handle => {
                let (tasks, text) = served(workloads::COUNTER, CounterVec::<LabelsSet>::new());
                let (engine, set) = one();
                let id = tasks.with_labels(Labels::new(engine, &set));
                vec![Form::repeating("handle", id, move |id| tasks.get_metric(*id).inc(), text)]
            }
            Work::Histogram => histogram(),
            Work::HistogramHandle => {
                let (latency, text) = served(workloads::HISTOGRAM, histograms());
                let (engine, set) = one();
                let id = latency.with_labels(HistogramLabels::new(engine, &set));
                let observe = move |value: &f64| latency.get_metric(id).observe(*value);
                vec![Form::cycling("handle", workloads::observations().to_vec(), observe, text)]
            }
            Work::Gauge => {
                let (depth, text) = served(workloads::GAUGE, GaugeVec::<LabelsSet>::new());
                let raise = move |(engine, set): &(Engine, LabelSet)| depth.inc(Labels::new(*engine, set));
                vec![Form::cycling("strings", given(workloads::label_sets()), raise, text)]
            }
            Work::GaugeSet => {
                let (depth, text) = served(workloads::GAUGE, FloatGaugeVec::<LabelsSet>::new());
                let (engine, set) = one();
                let id = depth.with_labels(Labels::new(engine, &set));
                let set = move |level: &f64| depth.get_metric(id).set(*level);
                vec![Form::cycling("handle", workloads::levels(), set, text)]
            }
            Work::GaugeAdd => {
                let (depth, text) = served(workloads::GAUGE, GaugeVec::<LabelsSet>::new());
                let (engine, set) = one();
                let id = depth.with_labels(Labels::new(engine, &set));
                vec![Form::repeating("handle", id, move |id| depth.get_metric(*id).inc(), text)]
            }
            Work::Series(n) => {
                let (tasks, text) = served(workloads::COUNTER, filled(n));
                let count = move |(engine, set): &(Engine, LabelSet)| tasks.inc(Labels::new(*engine, set));
                vec![Form::cycling("strings", given(workloads::shuffled_series(n)), count, text).counting_from_here()]
            }
            Work::CountersText(n) => {
                let tasks = CounterVec::<LabelsSet>::new();
                for i in 0..n {
                    let set = workloads::series(i);
                    tasks.inc_by(Labels::new(set.engine.into(), &set), workloads::text_value(i));
                }
                vec![Form::encoding(move |out| encode(workloads::COUNTER, &tasks, out))]
            }
            Work::HistogramsText(n) => {
                let latency = histograms();
                for i in 0..n {
                    let set = workloads::histogram_series(i);
                    for value in workloads::observations() {
                        latency.observe(HistogramLabels::new(set.engine.into(), &set), value);
                    }
                }
                vec![Form::encoding(move |out| encode(workloads::HISTOGRAM, &latency, out))]
            }
        }
    }

    fn fill(&self, series: usize) -> Option<Filled> {
        Some(Box::new(served(workloads::COUNTER, filled(series)).1))
    }
}

fn counter() -> Vec<Form> {
    let (tasks, text) = served(workloads::COUNTER, CounterVec::<LabelsSet>::new());
    let count = move |(engine, set): &(Engine, LabelSet)| tasks.inc(Labels::new(*engine, set));
    let strings = Form::cycling("strings", given(workloads::label_sets()), count, text);

    let [version, pool, replica, priority] = known();
    let set = FixedLabelsSet {
        engine: StaticLabelSet::new(),
        engine_version: version,
        pool_id: pool,
        replica_id: replica,
        priority,
    };
    let (tasks, text) = served(workloads::COUNTER, CounterVec::dense_with_label_set(set));
    let count = move |(engine, set): &(Engine, LabelSet)| {
        let LabelSet { engine_version, pool_id, replica_id, priority, .. } = set;
        tasks.inc(FixedLabels { engine: *engine, engine_version, pool_id, replica_id, priority });
    };
    vec![strings, Form::cycling("strings, fixed", given(workloads::label_sets()), count, text)]
}

fn histogram() -> Vec<Form> {
    let observed =
        || workloads::observed_sets().into_iter().map(|(set, value)| (set.engine.into(), set, value)).collect();
    let (latency, text) = served(workloads::HISTOGRAM, histograms());
    let observe = move |(engine, set, value): &(Engine, LabelSet, f64)| {
        latency.observe(HistogramLabels::new(*engine, set), *value);
    };
    let strings = Form::cycling("strings", observed(), observe, text);

    let [version, pool, _, priority] = known();
    let set =
        FixedHistogramLabelsSet { engine: StaticLabelSet::new(), engine_version: version, pool_id: pool, priority };
    let latency = HistogramVec::<_, 14>::dense_with_label_set_and_metadata(set, thresholds());
    let (latency, text) = served(workloads::HISTOGRAM, latency);
    let observe = move |(engine, set, value): &(Engine, LabelSet, f64)| {
        let LabelSet { engine_version, pool_id, priority, .. } = set;
        latency.observe(FixedHistogramLabels { engine: *engine, engine_version, pool_id, priority }, *value);
    };
    vec![strings, Form::cycling("strings, fixed", observed(), observe, text)]
}

/// The engine is the library's own closed type, as a caller would hold it.
fn given(sets: Vec<LabelSet>) -> Vec<(Engine, LabelSet)> {
    sets.into_iter().map(|set| (set.engine.into(), set)).collect()
}

fn one() -> (Engine, LabelSet) {
    let set = workloads::one_label_set();
    (set.engine.into(), set)
}

/// The values of the four open labels, interned for good.
fn known() -> [Fixed; 4] {
    let sets = workloads::label_sets();
    std::array::from_fn(|label| {
        let mut values = Rodeo::with_hasher(RandomState::default());
        for set in &sets {
            values.get_or_intern(set.values()[label + 1]);
        }
        values.into_reader()
    })
}

fn thresholds() -> Thresholds<14> {
    Thresholds::with_buckets(workloads::BUCKETS)
}

fn histograms() -> HistogramVec<HistogramLabelsSet, 14> {
    HistogramVec::with_metadata(thresholds())
}

fn filled(series: usize) -> CounterVec<LabelsSet> {
    let tasks = CounterVec::new();
    for i in 0..series {
        let set = workloads::series(i);
        tasks.inc(Labels::new(set.engine.into(), &set));
    }
    tasks
}

fn served<F>(name: &'static str, family: F) -> (Arc<F>, impl Fn() -> String + use<F>)
where
    F: for<'a> MetricFamilyEncoding<TextEncoder<&'a mut Vec<u8>>>,
{
    let family = Arc::new(family);
    let shown = Arc::clone(&family);
    let text = move || {
        let mut text = Vec::new();
        encode(name, &*shown, &mut text);
        String::from_utf8(text).expect("the text format is UTF-8")
    };
    (family, text)
}

fn encode<F>(name: &'static str, family: &F, out: &mut Vec<u8>)
where
    F: for<'a> MetricFamilyEncoding<TextEncoder<&'a mut Vec<u8>>>,
{
    let name = MetricName::from_str(name);
    let mut encoder = TextEncoder::new(out);
    encoder.write_help(name, workloads::HELP).expect("writing to memory does not fail");
    family.collect_family_into(name, &mut encoder).expect("writing to memory does not fail");
}
