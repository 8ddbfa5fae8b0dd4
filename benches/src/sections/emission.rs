//! What one emission costs.

use std::io;

use orchq_metrics_bench_harness::Work;

use crate::contest::Contest;
use crate::report::{self, Section, Target, figure};
use crate::rounds::{self, Effort, Results};

/// The columns: a title, the work, and the threads.
const COLUMNS: [(&str, Work, usize); 10] = [
    ("counter", Work::Counter, 1),
    ("counter, 2 threads", Work::Counter, 2),
    ("closed pair", Work::ClosedPair, 1),
    ("handle", Work::Handle, 1),
    ("handle, 2 threads", Work::Handle, 2),
    ("histogram", Work::Histogram, 1),
    ("histogram handle", Work::HistogramHandle, 1),
    ("gauge", Work::Gauge, 1),
    ("gauge set", Work::GaugeSet, 1),
    ("gauge add", Work::GaugeAdd, 1),
];

const INTRODUCTION: &str = "\
## Emission

Nanoseconds for one operation, and their ratio to the limit; the minimum of the rounds, and with two
threads the lower quartile of the wall time.

- *counter*: five labels, looked up on every call, cycling 64 sets; *closed pair*: two closed labels,
  looked up, cycling all 24 pairs; *handle*: one resolved series.
- *histogram*: four labels and 14 buckets, looked up, cycling 64 sets.
- *gauge*: five labels, looked up, raised by one; *gauge set* and *gauge add*: one resolved series.
- The limit is a relaxed `fetch_add` at a known index, for a histogram one for the bucket and a
  compare-exchange for the sum, for *gauge set* a store. \"thread's own\" is a cell that no other thread sees.
- \"strings\": open label values arrive as `&str` on every call. \"label set\": the caller holds the
  library's own ready label set. \"interned\": the caller holds interned values, and no label set. \"local\":
  a thread's own share, which is flushed at the end of each round or read by the scrape.

";

/// Times all of it.
///
/// # Errors
///
/// When a child is gone.
pub fn run(contest: &Contest, effort: Effort) -> io::Result<Section> {
    let mut columns = Vec::new();
    for (title, work, threads) in COLUMNS {
        eprintln!("emission: {title}");
        columns.push((title.to_owned(), rounds::measure(contest, work, threads, effort)?));
    }
    let text = INTRODUCTION.to_owned() + &report::matrix(&columns, 1.0) + "\n";
    let failures = columns.iter().flat_map(|(_, results)| results.failures.clone()).collect();
    Ok(Section { text, targets: targets(&columns), failures })
}

fn targets(columns: &[(String, Results)]) -> Vec<Target> {
    let of = |title: &str| &columns.iter().find(|(other, _)| other == title).expect("it is a column").1;
    let (closed, handle) = (of("closed pair"), of("handle"));
    vec![
        to_limit("counter, 5 labels, looked up, 64 sets", of("counter"), "interned", "", 1.5),
        to_peers("counter, 5 labels, looked up, 64 sets", of("counter"), "interned", "", 3.0),
        to_limit("the same from two threads", of("counter, 2 threads"), "interned", "", 1.0),
        in_ns("two closed labels, looked up", closed, "interned", 1.6),
        to_limit("resolved handle", handle, "handle", "handle", 0.25),
        to_limit("resolved handle, two threads, one series", of("handle, 2 threads"), "handle", "handle", 0.1),
        to_limit("histogram, 4 labels, 14 buckets, looked up", of("histogram"), "interned", "", 1.0),
        to_limit("histogram through a handle", of("histogram handle"), "handle", "handle", 0.4),
        to_peers("counter, values as &str", of("counter"), "strings", "strings", 1.0),
        to_peers("counter, values as &str, two threads", of("counter, 2 threads"), "strings", "strings", 1.0),
        to_peers("two closed labels, values as &str", closed, "strings", "strings", 1.0),
        to_peers("histogram, values as &str", of("histogram"), "strings", "strings", 1.0),
        to_peers("gauge, values as &str", of("gauge"), "strings", "strings", 1.0),
    ]
}

fn to_limit(work: &str, results: &Results, form: &str, peers: &str, most: f64) -> Target {
    let ratio = ns(results, form) / results.limit();
    Target {
        promise: format!("<= {most} x limit"),
        found: format!("{} x limit", figure(ratio)),
        met: ratio <= most,
        ..blank(work, results, form, peers)
    }
}

fn to_peers(work: &str, results: &Results, form: &str, peers: &str, least: f64) -> Target {
    let ratio = results.best_peer(peers).map_or(f64::INFINITY, |peer| peer.ns / ns(results, form));
    let promise = if least == 1.0 {
        "faster than every peer's same form".to_owned()
    } else {
        format!(">= {least} x faster than every peer")
    };
    let found = format!("{} x faster", figure(ratio));
    Target { promise, found, met: ratio >= least, ..blank(work, results, form, peers) }
}

fn in_ns(work: &str, results: &Results, form: &str, most: f64) -> Target {
    let ns = ns(results, form);
    Target {
        promise: format!("<= {most} ns"),
        found: format!("{} ns, {} x limit", figure(ns), figure(ns / results.limit())),
        met: ns <= most,
        ..blank(work, results, form, "")
    }
}

fn ns(results: &Results, form: &str) -> f64 {
    results.ours(form).expect("this library has the form").ns
}

fn blank(work: &str, results: &Results, form: &str, peers: &str) -> Target {
    let peer = results.best_peer(peers);
    Target {
        work: work.to_owned(),
        ours: format!("{} ns", figure(ns(results, form))),
        limit: format!("{} ns", figure(results.limit())),
        peer: peer
            .map_or_else(String::new, |peer| format!("{} ns, {} ({})", figure(peer.ns), peer.candidate, peer.form)),
        promise: String::new(),
        found: String::new(),
        met: false,
    }
}
