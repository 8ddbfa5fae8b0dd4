//! `opentelemetry_sdk`: instruments with attributes, and bound instruments as handles; the text is
//! that of `opentelemetry-prometheus`.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider as _};
use opentelemetry_sdk::metrics::{Instrument, SdkMeterProvider, Stream};
use orchq_metrics_bench_harness::{
    Candidate, Filled, Form, Work,
    workloads::{self, LabelSet},
};
use prometheus::{Registry, TextEncoder};

pub(super) struct OpenTelemetry;

impl Candidate for OpenTelemetry {
    fn name(&self) -> &'static str {
        "opentelemetry"
    }

    fn forms(&self, work: Work) -> Vec<Form> {
        let one = attributes(&workloads::one_label_set());
        match work {
            Work::Counter => counter(),
            Work::ClosedPair => {
                let (rejected, text) = Pipeline::new(64).counter(workloads::CLOSED);
                let count = move |(reason, engine): &(workloads::Reason, workloads::Engine)| {
                    let reason = KeyValue::new("reason", reason.as_str());
                    rejected.add(1, &[reason, KeyValue::new("engine", engine.as_str())]);
                };
                let strings = Form::cycling("strings", workloads::closed_pairs(), count, text);
                let (rejected, text) = Pipeline::new(64).counter(workloads::CLOSED);
                let pairs = workloads::closed_pairs().into_iter().map(|(reason, engine)| {
                    [KeyValue::new("reason", reason.as_str()), KeyValue::new("engine", engine.as_str())]
                });
                let count = move |pair: &[KeyValue; 2]| rejected.add(1, pair);
                vec![strings, Form::cycling("label set", pairs.collect(), count, text)]
            }
            Work::Handle => {
                let (tasks, text) = Pipeline::new(64).counter(workloads::COUNTER);
                vec![Form::repeating("handle", tasks.bind(&one), |tasks| tasks.add(1), text)]
            }
            Work::Histogram => histogram(),
            Work::HistogramHandle => {
                let (latency, text) = Pipeline::new(64).histogram();
                let latency = latency.bind(&histogram_attributes(&workloads::one_label_set()));
                let observe = move |value: &f64| latency.record(*value);
                vec![Form::cycling("handle", workloads::observations().to_vec(), observe, text)]
            }
            Work::Gauge => {
                let pipeline = Pipeline::new(64);
                let depth = pipeline.meter.i64_up_down_counter(workloads::GAUGE).build();
                let raise = move |set: &LabelSet| depth.add(1, &attributes(set));
                vec![Form::cycling("strings", workloads::label_sets(), raise, pipeline.into_text())]
            }
            Work::GaugeSet => {
                let pipeline = Pipeline::new(64);
                let depth = pipeline.meter.f64_gauge(workloads::GAUGE).build().bind(&one);
                let set = move |level: &f64| depth.record(*level);
                vec![Form::cycling("handle", workloads::levels(), set, pipeline.into_text())]
            }
            Work::GaugeAdd => {
                let pipeline = Pipeline::new(64);
                let depth = pipeline.meter.i64_up_down_counter(workloads::GAUGE).build().bind(&one);
                vec![Form::repeating("handle", depth, |depth| depth.add(1), pipeline.into_text())]
            }
            Work::Series(n) => {
                let (tasks, text) = filled(n);
                let count = move |set: &LabelSet| tasks.add(1, &attributes(set));
                vec![Form::cycling("strings", workloads::shuffled_series(n), count, text).counting_from_here()]
            }
            Work::CountersText(n) => {
                let pipeline = Pipeline::new(n);
                let tasks = pipeline.meter.u64_counter(workloads::COUNTER).build();
                for i in 0..n {
                    tasks.add(workloads::text_value(i), &attributes(&workloads::series(i)));
                }
                vec![Form::encoding(move |out| pipeline.encode(out))]
            }
            Work::HistogramsText(n) => {
                let pipeline = Pipeline::new(n);
                let latency = pipeline.histograms();
                for i in 0..n {
                    let attributes = histogram_attributes(&workloads::histogram_series(i));
                    workloads::observations().iter().for_each(|value| latency.record(*value, &attributes));
                }
                vec![Form::encoding(move |out| pipeline.encode(out))]
            }
        }
    }

    fn fill(&self, series: usize) -> Option<Filled> {
        Some(Box::new(filled(series).1))
    }
}

fn counter() -> Vec<Form> {
    let (tasks, text) = Pipeline::new(64).counter(workloads::COUNTER);
    let count = move |set: &LabelSet| tasks.add(1, &attributes(set));
    let strings = Form::cycling("strings", workloads::label_sets(), count, text);

    let (tasks, text) = Pipeline::new(64).counter(workloads::COUNTER);
    let sets = workloads::label_sets().iter().map(attributes).collect();
    let count = move |set: &[KeyValue; 5]| tasks.add(1, set);
    vec![strings, Form::cycling("label set", sets, count, text)]
}

fn histogram() -> Vec<Form> {
    let (latency, text) = Pipeline::new(64).histogram();
    let observe = move |(set, value): &(LabelSet, f64)| latency.record(*value, &histogram_attributes(set));
    let strings = Form::cycling("strings", workloads::observed_sets(), observe, text);

    let (latency, text) = Pipeline::new(64).histogram();
    let sets = workloads::observed_sets().iter().map(|(set, value)| (histogram_attributes(set), *value)).collect();
    let observe = move |(set, value): &([KeyValue; 4], f64)| latency.record(*value, set);
    vec![strings, Form::cycling("label set", sets, observe, text)]
}

fn attributes(set: &LabelSet) -> [KeyValue; 5] {
    [
        KeyValue::new("engine", set.engine.as_str()),
        KeyValue::new("engine_version", set.engine_version.as_ref().to_owned()),
        KeyValue::new("pool_id", set.pool_id.as_ref().to_owned()),
        KeyValue::new("replica_id", set.replica_id.as_ref().to_owned()),
        KeyValue::new("priority", set.priority.as_ref().to_owned()),
    ]
}

fn histogram_attributes(set: &LabelSet) -> [KeyValue; 4] {
    [
        KeyValue::new("engine", set.engine.as_str()),
        KeyValue::new("engine_version", set.engine_version.as_ref().to_owned()),
        KeyValue::new("pool_id", set.pool_id.as_ref().to_owned()),
        KeyValue::new("priority", set.priority.as_ref().to_owned()),
    ]
}

fn filled(series: usize) -> (Counter<u64>, impl Fn() -> String + use<>) {
    let (tasks, text) = Pipeline::new(series).counter(workloads::COUNTER);
    for i in 0..series {
        tasks.add(1, &attributes(&workloads::series(i)));
    }
    (tasks, text)
}

/// A provider with the exporter as its reader.
struct Pipeline {
    meter: Meter,
    /// The instruments record for as long as their provider lives.
    _provider: SdkMeterProvider,
    registry: Registry,
}

impl Pipeline {
    /// Room for exactly this many series: the default is 2,000, and the room is allocated beforehand.
    fn new(series: usize) -> Self {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter().with_registry(registry.clone());
        let exporter = exporter.without_target_info().scope_info_enabled(false).build().expect("the registry is empty");
        let view = move |_: &Instrument| Stream::builder().with_cardinality_limit(series.max(64)).build().ok();
        let provider = SdkMeterProvider::builder().with_reader(exporter).with_view(view).build();
        Self { meter: provider.meter("bench"), _provider: provider, registry }
    }

    fn counter(self, name: &'static str) -> (Counter<u64>, impl Fn() -> String + use<>) {
        let counter = self.meter.u64_counter(name).build();
        (counter, self.into_text())
    }

    fn histograms(&self) -> Histogram<f64> {
        let histogram = self.meter.f64_histogram(workloads::HISTOGRAM);
        histogram.with_boundaries(workloads::BUCKETS.to_vec()).build()
    }

    fn histogram(self) -> (Histogram<f64>, impl Fn() -> String + use<>) {
        let histogram = self.histograms();
        (histogram, self.into_text())
    }

    fn encode(&self, out: &mut String) {
        TextEncoder::new().encode_utf8(&self.registry.gather(), out).expect("what was gathered can be encoded");
    }

    fn into_text(self) -> impl Fn() -> String + use<> {
        move || {
            let mut text = String::new();
            self.encode(&mut text);
            text
        }
    }
}
