//! `metrics` with its Prometheus exporter: the macros with labels, and ready keys.
//!
//! The recorder is local to the thread that runs, which is one indirection less than a
//! global one, and lets every form have its own.

use std::sync::Arc;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, counter, gauge, histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use orchq_metrics_bench_harness::{
    Candidate, Filled, Form, Work, cycle,
    workloads::{self, LabelSet},
};

pub(super) struct Metrics;

const METADATA: Metadata<'static> = Metadata::new(module_path!(), Level::INFO, Some(module_path!()));

impl Candidate for Metrics {
    fn name(&self) -> &'static str {
        "metrics"
    }

    fn forms(&self, work: Work) -> Vec<Form> {
        let one = workloads::one_label_set();
        match work {
            Work::Counter => vec![
                recording("strings", workloads::label_sets(), |set| {
                    counter!(workloads::COUNTER, labels(set)).increment(1);
                }),
                registering("label set", keys(), |recorder, key| {
                    recorder.register_counter(key, &METADATA).increment(1)
                }),
            ],
            Work::ClosedPair => {
                let pairs = workloads::closed_pairs();
                let strings = recording("strings", pairs, |(reason, engine)| {
                    counter!(workloads::CLOSED, "reason" => reason.as_str(), "engine" => engine.as_str()).increment(1);
                });
                let keys = workloads::closed_pairs().into_iter().map(|(reason, engine)| {
                    let reason = Label::from_static_parts("reason", reason.as_str());
                    Key::from_parts(
                        workloads::CLOSED,
                        vec![reason, Label::from_static_parts("engine", engine.as_str())],
                    )
                });
                let count = |recorder: &PrometheusRecorder, key: &Key| {
                    recorder.register_counter(key, &METADATA).increment(1);
                };
                vec![strings, registering("label set", keys.collect(), count)]
            }
            Work::Handle => {
                let recorder = recorder();
                let tasks: Counter = recorder.register_counter(&key(&one), &METADATA);
                vec![Form::repeating("handle", tasks, |tasks| tasks.increment(1), text_of(&recorder))]
            }
            Work::Histogram => vec![
                upheld(recording_with("strings", workloads::observed_sets(), |(set, value)| {
                    histogram!(workloads::HISTOGRAM, histogram_labels(set)).record(*value);
                })),
                upheld(registering_with("label set", histogram_keys(), |recorder, (key, value)| {
                    recorder.register_histogram(key, &METADATA).record(*value);
                })),
            ],
            Work::HistogramHandle => {
                let recorder = recorder();
                let latency: Histogram = recorder.register_histogram(&histogram_key(&one), &METADATA);
                let observe = move |value: &f64| latency.record(*value);
                let form = Form::cycling("handle", workloads::observations().to_vec(), observe, text_of(&recorder));
                vec![upheld((form, recorder))]
            }
            Work::Gauge => vec![recording("strings", workloads::label_sets(), |set| {
                gauge!(workloads::GAUGE, labels(set)).increment(1.0);
            })],
            Work::GaugeSet | Work::GaugeAdd => {
                let recorder = recorder();
                let depth: Gauge = recorder.register_gauge(&Key::from_parts(workloads::GAUGE, labels(&one)), &METADATA);
                let text = text_of(&recorder);
                if work == Work::GaugeAdd {
                    return vec![Form::repeating("handle", depth, |depth| depth.increment(1.0), text)];
                }
                vec![Form::cycling("handle", workloads::levels(), move |level| depth.set(*level), text)]
            }
            Work::Series(n) => {
                let recorder = filled(n);
                let (sets, text) = (workloads::shuffled_series(n), text_of(&recorder));
                let run = move |operations| {
                    metrics::with_local_recorder(&*recorder, || {
                        cycle(&sets, operations, |set| counter!(workloads::COUNTER, labels(set)).increment(1));
                    });
                };
                vec![Form::new("strings", run, text).counting_from_here()]
            }
            Work::CountersText(n) => {
                let recorder = recorder();
                for i in 0..n {
                    let tasks = recorder.register_counter(&key(&workloads::series(i)), &METADATA);
                    tasks.increment(workloads::text_value(i));
                }
                vec![encoded(&recorder)]
            }
            Work::HistogramsText(n) => {
                let recorder = recorder();
                for i in 0..n {
                    let key = histogram_key(&workloads::histogram_series(i));
                    let latency = recorder.register_histogram(&key, &METADATA);
                    workloads::observations().iter().for_each(|value| latency.record(*value));
                }
                vec![encoded(&recorder)]
            }
        }
    }

    fn fill(&self, series: usize) -> Option<Filled> {
        Some(Box::new(text_of(&filled(series))))
    }
}

/// A form that uses the macros.
fn recording<T: Send + Sync + 'static>(
    name: &'static str,
    items: Vec<T>,
    op: impl Fn(&T) + Send + Sync + 'static,
) -> Form {
    recording_with(name, items, op).0
}

fn recording_with<T: Send + Sync + 'static>(
    name: &'static str,
    items: Vec<T>,
    op: impl Fn(&T) + Send + Sync + 'static,
) -> (Form, Arc<PrometheusRecorder>) {
    let recorder = recorder();
    let mine = Arc::clone(&recorder);
    let run = move |operations| metrics::with_local_recorder(&*mine, || cycle(&items, operations, &op));
    (Form::new(name, run, text_of(&recorder)), recorder)
}

/// A form that has ready keys and asks the recorder itself.
fn registering<T: Send + Sync + 'static>(
    name: &'static str,
    items: Vec<T>,
    op: impl Fn(&PrometheusRecorder, &T) + Send + Sync + 'static,
) -> Form {
    registering_with(name, items, op).0
}

fn registering_with<T: Send + Sync + 'static>(
    name: &'static str,
    items: Vec<T>,
    op: impl Fn(&PrometheusRecorder, &T) + Send + Sync + 'static,
) -> (Form, Arc<PrometheusRecorder>) {
    let recorder = recorder();
    let mine = Arc::clone(&recorder);
    let form = Form::cycling(name, items, move |item| op(&mine, item), text_of(&recorder));
    (form, recorder)
}

/// Histograms keep every sample until the upkeep, which the exporter's own thread runs in production.
fn upheld((form, recorder): (Form, Arc<PrometheusRecorder>)) -> Form {
    let handle = recorder.handle();
    form.settled_by(move || handle.run_upkeep())
}

fn labels(set: &LabelSet) -> Vec<Label> {
    let own = |name, value: &str| Label::new(name, value.to_owned());
    vec![
        Label::from_static_parts("engine", set.engine.as_str()),
        own("engine_version", &set.engine_version),
        own("pool_id", &set.pool_id),
        own("replica_id", &set.replica_id),
        own("priority", &set.priority),
    ]
}

fn histogram_labels(set: &LabelSet) -> Vec<Label> {
    let own = |name, value: &str| Label::new(name, value.to_owned());
    vec![
        Label::from_static_parts("engine", set.engine.as_str()),
        own("engine_version", &set.engine_version),
        own("pool_id", &set.pool_id),
        own("priority", &set.priority),
    ]
}

fn key(set: &LabelSet) -> Key {
    Key::from_parts(workloads::COUNTER, labels(set)).to_retained()
}

fn keys() -> Vec<Key> {
    workloads::label_sets().iter().map(key).collect()
}

fn histogram_key(set: &LabelSet) -> Key {
    Key::from_parts(workloads::HISTOGRAM, histogram_labels(set)).to_retained()
}

fn histogram_keys() -> Vec<(Key, f64)> {
    workloads::observed_sets().iter().map(|(set, value)| (histogram_key(set), *value)).collect()
}

fn recorder() -> Arc<PrometheusRecorder> {
    let builder = PrometheusBuilder::new().set_buckets(&workloads::BUCKETS).expect("there are buckets");
    Arc::new(builder.build_recorder())
}

fn filled(series: usize) -> Arc<PrometheusRecorder> {
    let recorder = recorder();
    for i in 0..series {
        recorder.register_counter(&key(&workloads::series(i)), &METADATA).increment(1);
    }
    recorder
}

fn text_of(recorder: &PrometheusRecorder) -> impl Fn() -> String + use<> {
    let handle = recorder.handle();
    move || handle.render()
}

fn encoded(recorder: &PrometheusRecorder) -> Form {
    let handle = recorder.handle();
    Form::encoding(move |out: &mut Vec<u8>| handle.render_to_write(out).expect("writing to memory does not fail"))
}
