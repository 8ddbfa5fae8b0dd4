//! Rounds: all candidates one after the other, and then all of them again, so that a
//! disturbance of the machine does not affect only one of them.

use std::io;

use orchq_metrics_bench_harness::Work;
use orchq_metrics_bench_harness::measure::calibrate;

use crate::contest::{Contest, Entry, LIMIT, OURS};

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// How many rounds.
    pub rounds: usize,
    /// Whether only a first impression is wanted.
    pub quick: bool,
}

/// The times of one form of one candidate.
#[derive(Clone, Debug)]
pub struct Took {
    /// The candidate.
    pub candidate: &'static str,
    /// The form.
    pub form: String,
    /// Nanoseconds for one operation.
    pub ns: f64,
}

/// The times of a work in every form.
#[derive(Clone, Debug)]
pub struct Results {
    /// One for each form, in the order of the tables.
    pub took: Vec<Took>,
    /// Totals that were wrong.
    pub failures: Vec<String>,
}

impl Results {
    /// The limit: the first form of it.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn limit(&self) -> f64 {
        self.took.iter().find(|took| took.candidate == LIMIT).expect("every work has a limit").ns
    }

    /// The fastest peer among the forms whose name begins so.
    #[must_use]
    pub fn best_peer(&self, form: &str) -> Option<&Took> {
        let peers = self.took.iter().filter(|took| took.candidate != LIMIT && took.candidate != OURS);
        peers.filter(|took| took.form.starts_with(form)).min_by(|a, b| a.ns.total_cmp(&b.ns))
    }

    /// This library in a form.
    #[must_use]
    pub fn ours(&self, form: &str) -> Option<&Took> {
        self.took.iter().find(|took| took.candidate == OURS && took.form == form)
    }
}

/// Times every form of a work.
///
/// # Errors
///
/// When a child is gone.
pub fn measure(contest: &Contest, work: Work, threads: usize, effort: Effort) -> io::Result<Results> {
    Ok(time(contest.entries(work)?, work, threads, effort))
}

/// Times these forms: the minimum of the rounds for one thread, and the lower quartile for several,
/// whose minimum is the round in which they collided least.
#[must_use]
pub fn time(mut entries: Vec<Entry>, work: Work, threads: usize, effort: Effort) -> Results {
    let operations: Vec<u64> =
        entries.iter_mut().map(|entry| share(calibrate(entry.form.as_mut(), work), work, threads)).collect();
    let mut samples = vec![Vec::new(); entries.len()];
    for _ in 0..effort.rounds {
        for ((entry, operations), samples) in entries.iter_mut().zip(&operations).zip(&mut samples) {
            let took = entry.form.time(*operations, threads);
            samples.push(took.as_nanos() as f64 / *operations as f64);
        }
    }
    let mut results = Results { took: Vec::new(), failures: Vec::new() };
    for (entry, mut samples) in entries.iter_mut().zip(samples) {
        let form = entry.form.name().to_owned();
        if let Err(wrong) = entry.form.check() {
            results.failures.push(format!("{} ({form}), {work} on {threads} threads: {wrong}", entry.candidate));
        }
        samples.sort_by(f64::total_cmp);
        let ns = samples[if threads == 1 { 0 } else { samples.len() / 4 }];
        results.took.push(Took { candidate: entry.candidate, form, ns });
    }
    results
}

/// With more than two threads each does less, so that rounds do not become longer.
fn share(operations: u64, work: Work, threads: usize) -> u64 {
    let cycle = work.cycle();
    (operations * 2 / (threads as u64).max(2) / cycle * cycle).max(cycle)
}
