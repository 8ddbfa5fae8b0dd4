//! How the cost grows with threads and with series.

use std::io;

use orchq_metrics_bench_harness::Work;

use crate::contest::Contest;
use crate::report::{self, Section};
use crate::rounds::{self, Effort, Results};

const THREADS: [usize; 5] = [1, 2, 4, 8, 16];
const SERIES: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];

const THREADS_INTRODUCTION: &str = "\
## Growth with threads

The counter with five labels, and one resolved handle, from more and more threads: nanoseconds of a
core for one operation, which is the wall time, divided by the operations of all threads, times the cores
that were busy. Without contention it stays what it is with one thread.

";

const SERIES_INTRODUCTION: &str = "\
## Growth with series

Nanoseconds for one looked-up increment of a counter with five labels that has so many series, which are
visited in an order that no cache foresees. Each candidate is in a process of its own.

";

/// Times every work on every number of threads and series.
///
/// # Errors
///
/// When a child is gone.
pub fn run(contest: &Contest, effort: Effort) -> io::Result<Section> {
    let mut section = Section::default();
    section.text.push_str(THREADS_INTRODUCTION);
    for (title, work) in [("counter", Work::Counter), ("handle", Work::Handle)] {
        let mut columns = Vec::new();
        for threads in THREADS {
            eprintln!("growth: {title} on {threads} threads");
            let mut results =
                rounds::measure(contest, work, threads, Effort { rounds: effort.rounds.min(8), ..effort })?;
            let busy = threads.min(crate::machine::cores()) as f64;
            results.took.iter_mut().for_each(|took| took.ns *= busy / threads as f64);
            columns.push((format!("{title}, {threads}"), results));
        }
        add(&mut section, columns);
    }
    section.text.push_str(SERIES_INTRODUCTION);
    let mut columns = Vec::new();
    for series in SERIES.into_iter().take(if effort.quick { 3 } else { 5 }) {
        let rounds = if series > 10_000 { 3 } else { effort.rounds };
        let mut all = Results { took: Vec::new(), failures: Vec::new() };
        contest.each_apart(Work::Series(series), |entries| {
            if let Some(first) = entries.first() {
                eprintln!("growth: {series} series of {}", first.candidate);
            }
            let results = rounds::time(entries, Work::Series(series), 1, Effort { rounds, ..effort });
            all.took.extend(results.took);
            all.failures.extend(results.failures);
            Ok(())
        })?;
        columns.push((report::grouped(series), all));
    }
    add(&mut section, columns);
    Ok(section)
}

fn add(section: &mut Section, columns: Vec<(String, Results)>) {
    section.text += &report::matrix(&columns, 1.0);
    section.text.push('\n');
    section.failures.extend(columns.into_iter().flat_map(|(_, results)| results.failures));
}
