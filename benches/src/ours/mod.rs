//! orchq-metrics itself, in two forms: "interned", with label values that were made once and kept, and "strings",
//! with values that arrive as `&str` on every call.

mod contracts;
mod emit;

use std::sync::OnceLock;
use std::time::Duration;

use contracts::{counters, emission, histograms, series};
use emit::Owner;
use orchq_metrics::Contract;
use orchq_metrics_bench_harness::{Candidate, Filled, Form, Work, workloads};

/// This library.
pub struct Ours;

impl Candidate for Ours {
    fn name(&self) -> &'static str {
        "orchq-metrics"
    }

    fn forms(&self, work: Work) -> Vec<Form> {
        let forms = match work {
            Work::Counter => vec![
                Form::cycling("interned", owners(), emit::count, of("bench_tasks_total")),
                Form::cycling(
                    "strings",
                    workloads::label_sets(),
                    emit::count_from_strings,
                    of("bench_tasks_from_strings_total"),
                ),
            ],
            Work::ClosedPair => {
                let pairs = workloads::closed_pairs();
                let interned = pairs.iter().map(|pair| (pair.0.into(), pair.1.into())).collect();
                let strings = pairs.iter().map(|pair| (pair.0.as_str(), pair.1.as_str())).collect();
                vec![
                    Form::cycling("interned", interned, emit::reject, of("bench_rejected_total")),
                    Form::cycling(
                        "strings",
                        strings,
                        emit::reject_from_strings,
                        of("bench_rejected_from_strings_total"),
                    ),
                ]
            }
            Work::Handle => {
                let handle = emit::task_handle(one());
                vec![Form::repeating("handle", handle, |tasks| tasks.inc(), of("bench_tasks_by_handle_total"))]
            }
            Work::Histogram => {
                let observed = workloads::observed_sets().into_iter();
                let observed: Vec<_> = observed.map(|(set, value)| (set, milliseconds(value))).collect();
                let interned = observed.iter().map(|(set, took)| (Owner::from_set(set), *took)).collect();
                vec![
                    Form::cycling("interned", interned, emit::observe, of("bench_latency_ms")),
                    Form::cycling("strings", observed, emit::observe_from_strings, of("bench_from_strings_ms")),
                ]
            }
            Work::HistogramHandle => {
                let handle = emit::latency_handle(one());
                let observed = workloads::observations().into_iter().map(milliseconds).collect();
                let observe = move |took: &Duration| handle.observe(*took);
                vec![Form::cycling("handle", observed, observe, of("bench_by_handle_ms"))]
            }
            Work::Gauge => vec![
                Form::cycling("interned", owners(), emit::raise, of("bench_depth")),
                Form::cycling(
                    "strings",
                    workloads::label_sets(),
                    emit::raise_from_strings,
                    of("bench_depth_from_strings"),
                ),
            ],
            Work::GaugeSet => {
                let handle = emit::level_handle(one());
                let levels = (0..64).collect();
                vec![Form::cycling("handle", levels, move |level| handle.set(*level), of("bench_level_by_handle"))]
            }
            Work::GaugeAdd => {
                let handle = emit::depth_handle(one());
                vec![Form::repeating("handle", handle, |depth| depth.inc(), of("bench_depth_by_handle"))]
            }
            Work::Series(n) => many_series(n),
            Work::CountersText(n) => {
                static FILLED: OnceLock<usize> = OnceLock::new();
                let fill = |i| emit::counter_for_text(Owner::from_set(&workloads::series(i)), workloads::text_value(i));
                fill_once(&FILLED, n, fill);
                vec![Form::encoding(|out| encode(&counters::CONTRACT, out))]
            }
            Work::HistogramsText(n) => {
                static FILLED: OnceLock<usize> = OnceLock::new();
                let fill = |i| emit::histogram_for_text(Owner::from_set(&workloads::histogram_series(i)));
                fill_once(&FILLED, n, fill);
                vec![Form::encoding(|out| encode(&histograms::CONTRACT, out))]
            }
        };
        // The families are statics, and may have counted for another work.
        forms.into_iter().map(Form::counting_from_here).collect()
    }

    fn fill(&self, series: usize) -> Option<Filled> {
        (0..series).for_each(|i| emit::count_series(&Owner::from_set(&workloads::series(i))));
        Some(Box::new(text_of(&series::CONTRACT, "bench_series_total")))
    }
}

fn many_series(n: usize) -> Vec<Form> {
    for i in 0..n {
        let set = workloads::series(i);
        emit::count_series(&Owner::from_set(&set));
        emit::count_series_from_strings(&set);
    }
    let sets = workloads::shuffled_series(n);
    let interned = sets.iter().map(Owner::from_set).collect();
    let of = |family| text_of(&series::CONTRACT, family);
    vec![
        Form::cycling("interned", interned, emit::count_series, of("bench_series_total")),
        Form::cycling("strings", sets, emit::count_series_from_strings, of("bench_series_from_strings_total")),
    ]
}

fn owners() -> Vec<Owner> {
    workloads::label_sets().iter().map(Owner::from_set).collect()
}

fn one() -> Owner {
    Owner::from_set(&workloads::one_label_set())
}

/// Observations are whole milliseconds.
fn milliseconds(value: f64) -> Duration {
    Duration::from_millis(value as u64)
}

fn fill_once(filled: &OnceLock<usize>, n: usize, fill: impl Fn(usize)) {
    let before = *filled.get_or_init(|| {
        (0..n).for_each(fill);
        n
    });
    assert_eq!(before, n, "one process has texts of one size, because the families are statics");
}

fn encode(contract: &Contract, out: &mut String) {
    orchq_metrics::text::encode_into(contract, out);
}

fn of(family: &'static str) -> impl Fn() -> String {
    text_of(&emission::CONTRACT, family)
}

/// The lines of one family, because forms that are timed side by side have one each.
fn text_of(contract: &'static Contract, family: &'static str) -> impl Fn() -> String {
    move || {
        let mut text = String::new();
        encode(contract, &mut text);
        let is_its_own = |line: &&str| {
            let rest = line.strip_prefix(family).unwrap_or_default();
            ["{", " ", "_sum", "_count"].iter().any(|next| rest.starts_with(next))
        };
        text.lines().filter(is_its_own).map(|line| format!("{line}\n")).collect()
    }
}
