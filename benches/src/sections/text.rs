//! What a scrape costs.

use std::io;

use orchq_metrics_bench_harness::Work;

use crate::contest::{Contest, OURS};
use crate::report::{self, Section, Target, figure};
use crate::rounds::{self, Effort, Results};

const INTRODUCTION: &str = "\
## Text

Microseconds for one text, into a buffer that is used again where the library takes one, and their ratio to
the limit, which is copying the ready text into such a buffer. The minimum of the rounds.

";

/// Times all of it.
///
/// # Errors
///
/// When a child is gone.
pub fn run(contest: &Contest, effort: Effort) -> io::Result<Section> {
    eprintln!("text: counters");
    let counters = rounds::measure(contest, Work::CountersText(10_000), 1, effort)?;
    eprintln!("text: histograms");
    let histograms = rounds::measure(contest, Work::HistogramsText(1_000), 1, effort)?;
    let targets = vec![
        to_limit("text of 10,000 counters", &counters, 4.0),
        to_peers("text of 10,000 counters", &counters, 4.0),
        to_limit("text of 1,000 histograms", &histograms, 2.0),
    ];
    let failures = counters.failures.iter().chain(&histograms.failures).cloned().collect();
    let columns = [("10,000 counters".to_owned(), counters), ("1,000 histograms".to_owned(), histograms)];
    Ok(Section { text: INTRODUCTION.to_owned() + &report::matrix(&columns, 1e3) + "\n", targets, failures })
}

fn to_limit(work: &str, results: &Results, most: f64) -> Target {
    let ratio = ns(results) / results.limit();
    let found = format!("{} x limit", figure(ratio));
    Target { promise: format!("<= {most} x limit"), found, met: ratio <= most, ..blank(work, results) }
}

fn to_peers(work: &str, results: &Results, least: f64) -> Target {
    let ratio = results.best_peer("").map_or(f64::INFINITY, |peer| peer.ns / ns(results));
    let promise = format!(">= {least} x faster than every peer");
    Target { promise, found: format!("{} x faster", figure(ratio)), met: ratio >= least, ..blank(work, results) }
}

fn ns(results: &Results) -> f64 {
    results.took.iter().find(|took| took.candidate == OURS).expect("this library has a text").ns
}

fn blank(work: &str, results: &Results) -> Target {
    let us = |ns: f64| format!("{} µs", figure(ns / 1e3));
    let peer = results.best_peer("").map_or_else(String::new, |peer| format!("{}, {}", us(peer.ns), peer.candidate));
    Target {
        work: work.to_owned(),
        ours: us(ns(results)),
        limit: us(results.limit()),
        peer,
        promise: String::new(),
        found: String::new(),
        met: false,
    }
}
