//! The limits: the part of each work that remains when the caller has prepared everything else.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use orchq_metrics_bench_harness::{Candidate, Filled, Form, Work, cycle, repeat, workloads};

/// An atomic at an index that is known, and ready text that is copied.
pub struct Raw;

thread_local! {
    static CELLS: [Cell<u64>; 64] = const { [const { Cell::new(0) }; 64] };
}

impl Candidate for Raw {
    fn name(&self) -> &'static str {
        "limit"
    }

    fn forms(&self, work: Work) -> Vec<Form> {
        match work {
            Work::Counter => vec![atomic_cells(workloads::COUNTER, 64), thread_cells()],
            Work::ClosedPair => vec![atomic_cells(workloads::CLOSED, 24)],
            Work::Gauge => vec![atomic_cells(workloads::GAUGE, 64)],
            Work::Handle => vec![atomic_cell(workloads::COUNTER)],
            Work::GaugeAdd => vec![atomic_cell(workloads::GAUGE)],
            Work::GaugeSet => {
                let cell = Arc::new(AtomicU64::new(0));
                let shown = Arc::clone(&cell);
                let text = move || line(workloads::GAUGE, 0, f64::from_bits(shown.load(Relaxed)));
                let set = move |level: &f64| cell.store(level.to_bits(), Relaxed);
                vec![Form::cycling("atomic", workloads::levels(), set, text)]
            }
            Work::Histogram => vec![histogram(64)],
            Work::HistogramHandle => vec![histogram(1)],
            Work::Series(n) => {
                let cells = cells(n);
                let text = text_of(workloads::COUNTER, &cells);
                let order: Vec<u32> = (0..n).map(|i| (i * 7919 % n) as u32).collect();
                let count = move |index: &u32| _ = cells[*index as usize].fetch_add(1, Relaxed);
                vec![Form::cycling("atomic", order, count, text)]
            }
            Work::CountersText(n) => copied(counters_text(n)),
            Work::HistogramsText(n) => copied(histograms_text(n)),
        }
    }

    fn fill(&self, _series: usize) -> Option<Filled> {
        None
    }
}

fn cells(n: usize) -> Arc<[AtomicU64]> {
    (0..n).map(|_| AtomicU64::new(0)).collect()
}

fn atomic_cells(name: &'static str, series: usize) -> Form {
    let cells = cells(series);
    let text = text_of(name, &cells);
    let indices = (0..64).map(|i| i * 7 % series).collect();
    Form::cycling("atomic", indices, move |index: &usize| _ = cells[*index].fetch_add(1, Relaxed), text)
}

fn atomic_cell(name: &'static str) -> Form {
    let cells = cells(1);
    let text = text_of(name, &cells);
    Form::new("atomic", move |operations| repeat(&cells[0], operations, |cell| _ = cell.fetch_add(1, Relaxed)), text)
}

/// The limit that no shared counter can beat: a cell that only its own thread uses.
fn thread_cells() -> Form {
    let shared = cells(64);
    let text = text_of(workloads::COUNTER, &shared);
    let indices: Vec<usize> = (0..64).map(|i| i * 7 % 64).collect();
    let run = move |operations| {
        CELLS.with(|cells| {
            cycle(&indices, operations, |index| cells[*index].set(cells[*index].get() + 1));
            for (cell, shared) in cells.iter().zip(shared.iter()) {
                shared.fetch_add(cell.take(), Relaxed);
            }
        });
    };
    Form::new("thread's own", run, text)
}

/// A plain atomic histogram whose series and bucket are known: one add for the count, and one exchange for the sum.
struct Histogram {
    buckets: [AtomicU64; 15],
    sum: AtomicU64,
}

impl Histogram {
    fn observe(&self, bucket: usize, value: f64) {
        self.buckets[bucket].fetch_add(1, Relaxed);
        let add = |bits| Some((f64::from_bits(bits) + value).to_bits());
        // The closure always gives a value, so this cannot fail.
        let _ = self.sum.fetch_update(Relaxed, Relaxed, add);
    }
}

fn histogram(series: usize) -> Form {
    let all: Arc<[Histogram]> =
        (0..series).map(|_| Histogram { buckets: [const { AtomicU64::new(0) }; 15], sum: AtomicU64::new(0) }).collect();
    let shown = Arc::clone(&all);
    let text = move || {
        let lines = shown.iter().enumerate().map(|(i, histogram)| {
            let count: u64 = histogram.buckets.iter().map(|bucket| bucket.load(Relaxed)).sum();
            let sum = f64::from_bits(histogram.sum.load(Relaxed));
            line("bench_latency_ms_sum", i, sum) + &line("bench_latency_ms_count", i, count as f64)
        });
        lines.collect()
    };
    let observed = workloads::observations().into_iter().enumerate().map(|(i, value)| {
        let bucket = workloads::BUCKETS.partition_point(|bound| *bound < value);
        (i * 7 % series, bucket, value)
    });
    let observe = move |(series, bucket, value): &(usize, usize, f64)| all[*series].observe(*bucket, *value);
    Form::cycling("atomic", observed.collect(), observe, text)
}

fn copied(text: String) -> Vec<Form> {
    vec![Form::encoding(move |out: &mut String| out.push_str(&text))]
}

/// The text of the counters as it is right.
fn counters_text(n: usize) -> String {
    let mut text = head(workloads::COUNTER, "counter");
    for i in 0..n {
        let labels = pairs(&workloads::LABELS, &workloads::series(i).values());
        text += &format!("{}{{{labels}}} {}\n", workloads::COUNTER, workloads::text_value(i));
    }
    text
}

/// The text of the histograms as it is right.
fn histograms_text(n: usize) -> String {
    let name = workloads::HISTOGRAM;
    let values = workloads::observations();
    let mut text = head(name, "histogram");
    for i in 0..n {
        let labels = pairs(&workloads::HISTOGRAM_LABELS, &workloads::histogram_series(i).histogram_values());
        for bound in workloads::BUCKETS {
            let count = values.iter().filter(|value| **value <= bound).count();
            text += &format!("{name}_bucket{{{labels},le=\"{bound}\"}} {count}\n");
        }
        text += &format!("{name}_bucket{{{labels},le=\"+Inf\"}} 64\n");
        text += &format!("{name}_sum{{{labels}}} {}\n{name}_count{{{labels}}} 64\n", values.iter().sum::<f64>());
    }
    text
}

fn head(name: &str, kind: &str) -> String {
    format!("# HELP {name} {}\n# TYPE {name} {kind}\n", workloads::HELP)
}

fn pairs(names: &[&str], values: &[&str]) -> String {
    let pairs = names.iter().zip(values).map(|(name, value)| format!("{name}=\"{value}\""));
    pairs.collect::<Vec<_>>().join(",")
}

fn text_of(name: &'static str, cells: &Arc<[AtomicU64]>) -> impl Fn() -> String + use<> {
    let cells = Arc::clone(cells);
    move || cells.iter().enumerate().map(|(i, cell)| line(name, i, cell.load(Relaxed) as f64)).collect()
}

fn line(name: &str, series: usize, value: f64) -> String {
    format!("{name}{{series=\"{series}\"}} {value}\n")
}
