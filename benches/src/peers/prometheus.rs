//! `prometheus`: vectors by label values, children as handles, and the `local` module.

use orchq_metrics_bench_harness::{
    Candidate, Filled, Form, Work, cycle, repeat,
    workloads::{self, LabelSet},
};
use prometheus::{
    GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder, core::Collector,
};

pub(super) struct Prometheus;

impl Candidate for Prometheus {
    fn name(&self) -> &'static str {
        "prometheus"
    }

    fn forms(&self, work: Work) -> Vec<Form> {
        match work {
            Work::Counter => counter(),
            Work::ClosedPair => closed_pair(),
            Work::Handle => handle(),
            Work::Histogram => histogram(),
            Work::HistogramHandle => histogram_handle(),
            Work::Gauge => {
                let (depth, text) = served(IntGaugeVec::new(opts(workloads::GAUGE), &workloads::LABELS));
                let raise = move |set: &LabelSet| depth.with_label_values(&set.values()).inc();
                vec![Form::cycling("strings", workloads::label_sets(), raise, text)]
            }
            Work::GaugeSet => {
                let (depth, text) = served(GaugeVec::new(opts(workloads::GAUGE), &workloads::LABELS));
                let depth = depth.with_label_values(&workloads::one_label_set().values());
                vec![Form::cycling("handle", workloads::levels(), move |level| depth.set(*level), text)]
            }
            Work::GaugeAdd => {
                let (depth, text) = served(IntGaugeVec::new(opts(workloads::GAUGE), &workloads::LABELS));
                let depth = depth.with_label_values(&workloads::one_label_set().values());
                vec![Form::repeating("handle", depth, |depth| depth.inc(), text)]
            }
            Work::Series(n) => {
                let (tasks, text) = filled(n);
                let count = move |set: &LabelSet| tasks.with_label_values(&set.values()).inc();
                vec![Form::cycling("strings", workloads::shuffled_series(n), count, text).counting_from_here()]
            }
            Work::CountersText(n) => {
                let (tasks, registry) = registered(IntCounterVec::new(opts(workloads::COUNTER), &workloads::LABELS));
                for i in 0..n {
                    tasks.with_label_values(&workloads::series(i).values()).inc_by(workloads::text_value(i));
                }
                vec![Form::encoding(move |out| encode(&registry, out))]
            }
            Work::HistogramsText(n) => {
                let (latency, registry) = registered(histograms());
                for i in 0..n {
                    let series = latency.with_label_values(&workloads::histogram_series(i).histogram_values());
                    workloads::observations().iter().for_each(|value| series.observe(*value));
                }
                vec![Form::encoding(move |out| encode(&registry, out))]
            }
        }
    }

    fn fill(&self, series: usize) -> Option<Filled> {
        Some(Box::new(filled(series).1))
    }
}

fn counter() -> Vec<Form> {
    let (tasks, text) = served(IntCounterVec::new(opts(workloads::COUNTER), &workloads::LABELS));
    let count = move |set: &LabelSet| tasks.with_label_values(&set.values()).inc();
    let strings = Form::cycling("strings", workloads::label_sets(), count, text);

    let (tasks, text) = served(IntCounterVec::new(opts(workloads::COUNTER), &workloads::LABELS));
    let sets = workloads::label_sets();
    let local = move |operations| {
        let mut tasks = tasks.local();
        cycle(&sets, operations, |set| tasks.with_label_values(&set.values()).inc());
        tasks.flush();
    };
    vec![strings, Form::new("strings, local", local, text)]
}

fn closed_pair() -> Vec<Form> {
    let (rejected, text) = served(IntCounterVec::new(opts(workloads::CLOSED), &workloads::CLOSED_LABELS));
    let pairs = workloads::closed_pairs();
    let count = move |(reason, engine): &(workloads::Reason, workloads::Engine)| {
        rejected.with_label_values(&[reason.as_str(), engine.as_str()]).inc();
    };
    let strings = Form::cycling("strings", pairs.clone(), count, text);

    let (rejected, text) = served(IntCounterVec::new(opts(workloads::CLOSED), &workloads::CLOSED_LABELS));
    let local = move |operations| {
        let mut rejected = rejected.local();
        cycle(&pairs, operations, |(reason, engine)| {
            rejected.with_label_values(&[reason.as_str(), engine.as_str()]).inc();
        });
        rejected.flush();
    };
    vec![strings, Form::new("strings, local", local, text)]
}

fn handle() -> Vec<Form> {
    let (tasks, text) = served(IntCounterVec::new(opts(workloads::COUNTER), &workloads::LABELS));
    let tasks = tasks.with_label_values(&workloads::one_label_set().values());
    let handle = Form::repeating("handle", tasks, |tasks| tasks.inc(), text);

    let (tasks, text) = served(IntCounterVec::new(opts(workloads::COUNTER), &workloads::LABELS));
    let tasks = tasks.with_label_values(&workloads::one_label_set().values());
    let local = move |operations| {
        let tasks = tasks.local();
        repeat(&tasks, operations, |tasks| tasks.inc());
        tasks.flush();
    };
    vec![handle, Form::new("handle, local", local, text)]
}

fn histogram() -> Vec<Form> {
    let (latency, text) = served(histograms());
    let observe = move |(set, value): &(LabelSet, f64)| {
        latency.with_label_values(&set.histogram_values()).observe(*value);
    };
    let strings = Form::cycling("strings", workloads::observed_sets(), observe, text);

    let (latency, text) = served(histograms());
    let sets = workloads::observed_sets();
    let local = move |operations| {
        let mut latency = latency.local();
        cycle(&sets, operations, |(set, value)| latency.with_label_values(&set.histogram_values()).observe(*value));
        latency.flush();
    };
    vec![strings, Form::new("strings, local", local, text)]
}

fn histogram_handle() -> Vec<Form> {
    let (latency, text) = served(histograms());
    let latency = latency.with_label_values(&workloads::one_label_set().histogram_values());
    let observe = move |value: &f64| latency.observe(*value);
    let handle = Form::cycling("handle", workloads::observations().to_vec(), observe, text);

    let (latency, text) = served(histograms());
    let latency = latency.with_label_values(&workloads::one_label_set().histogram_values());
    let values = workloads::observations();
    let local = move |operations| {
        let latency = latency.local();
        cycle(&values, operations, |value| latency.observe(*value));
        latency.flush();
    };
    vec![handle, Form::new("handle, local", local, text)]
}

fn opts(name: &str) -> Opts {
    Opts::new(name, workloads::HELP)
}

fn histograms() -> prometheus::Result<HistogramVec> {
    let opts = HistogramOpts::new(workloads::HISTOGRAM, workloads::HELP).buckets(workloads::BUCKETS.to_vec());
    HistogramVec::new(opts, &workloads::HISTOGRAM_LABELS)
}

fn filled(series: usize) -> (IntCounterVec, impl Fn() -> String + use<>) {
    let (tasks, text) = served(IntCounterVec::new(opts(workloads::COUNTER), &workloads::LABELS));
    for i in 0..series {
        tasks.with_label_values(&workloads::series(i).values()).inc();
    }
    (tasks, text)
}

fn registered<V: Collector + Clone + 'static>(vec: prometheus::Result<V>) -> (V, Registry) {
    let vec = vec.expect("the name and the labels are legal");
    let registry = Registry::new();
    registry.register(Box::new(vec.clone())).expect("the registry is empty");
    (vec, registry)
}

/// A vector and what serves it.
pub(super) fn served<V: Collector + Clone + 'static>(vec: prometheus::Result<V>) -> (V, impl Fn() -> String + use<V>) {
    let (vec, registry) = registered(vec);
    let text = move || {
        let mut text = String::new();
        encode(&registry, &mut text);
        text
    };
    (vec, text)
}

fn encode(registry: &Registry, out: &mut String) {
    TextEncoder::new().encode_utf8(&registry.gather(), out).expect("what was gathered can be encoded");
}
