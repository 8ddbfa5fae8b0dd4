//! The same works as in the table's emission and text, with criterion's statistics, to compare before and after a
//! change: `cargo bench -p orchq-metrics-bench --bench emission -- counter/orchq`.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use orchq_metrics_bench::contest;
use orchq_metrics_bench_harness::Work;
use orchq_metrics_bench_harness::measure::{Here, Timed};

const WORKS: [Work; 10] = [
    Work::Counter,
    Work::ClosedPair,
    Work::Handle,
    Work::Histogram,
    Work::HistogramHandle,
    Work::Gauge,
    Work::GaugeSet,
    Work::GaugeAdd,
    Work::CountersText(10_000),
    Work::HistogramsText(1_000),
];

fn emission(criterion: &mut Criterion) {
    for work in WORKS {
        let mut group = criterion.benchmark_group(work.to_string());
        for candidate in contest::built_in() {
            for form in candidate.forms(work) {
                let id = BenchmarkId::new(candidate.name(), form.name);
                let mut form = Here::new(form, work);
                group.bench_function(id, |bencher| {
                    bencher.iter_custom(|iterations| {
                        // Rounds are whole cycles, so that the total can be checked.
                        let operations = iterations.next_multiple_of(work.cycle());
                        form.time(operations, 1).mul_f64(iterations as f64 / operations as f64)
                    });
                });
                if form.ran() {
                    form.check().unwrap_or_else(|wrong| panic!("{} ({}): {wrong}", candidate.name(), form.name()));
                }
            }
        }
        group.finish();
    }
}

criterion_group!(benches, emission);
criterion_main!(benches);
