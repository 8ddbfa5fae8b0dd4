//! What a series costs in memory.

use std::io;

use orchq_metrics_bench_harness::memory::{self, Usage};

use crate::contest::{self, Contest, OURS};
use crate::report::{self, Section, Target, figure};

const SERIES: usize = 100_000;
const TARGET: f64 = 92.0;

const INTRODUCTION: &str = "\
## Memory

Bytes for each of 100,000 series of a counter with five labels, each candidate in a process of its own:
those that were asked of the allocator and not given back, and those that the process has more in physical memory.

";

/// Measures every candidate.
///
/// # Errors
///
/// When a child fails.
pub fn run(contest: &Contest) -> io::Result<Section> {
    let mut rows = Vec::new();
    let mut usages: Vec<(&str, Usage)> = Vec::new();
    for candidate in contest::names() {
        if candidate == contest::LIMIT {
            continue;
        }
        eprintln!("memory: {candidate}");
        let usage = memory::ask(&mut contest.memory(candidate), candidate, SERIES)?;
        let cell = |bytes: Option<f64>| bytes.map_or_else(|| "–".to_owned(), figure);
        rows.push(vec![
            candidate.to_owned(),
            cell(usage.map(|usage| usage.allocated)),
            cell(usage.map(|usage| usage.resident)),
        ]);
        usages.extend(usage.map(|usage| (candidate, usage)));
    }
    let head = ["", "allocated", "resident"].map(str::to_owned);
    let text = INTRODUCTION.to_owned() + &report::table(&head, &rows) + "\n";
    let ours = usages.iter().find(|(name, _)| *name == OURS).expect("this library is measured").1;
    let peers = usages.iter().filter(|(name, _)| *name != OURS);
    let target = |what: &str, of: fn(&Usage) -> f64| {
        let peer = peers.clone().min_by(|a, b| of(&a.1).total_cmp(&of(&b.1)));
        Target {
            work: format!("memory of a 5-label series at 100,000, {what}"),
            ours: format!("{} B", figure(of(&ours))),
            limit: String::new(),
            peer: peer.map_or_else(String::new, |(name, usage)| format!("{} B, {name}", figure(of(usage)))),
            promise: format!("<= {TARGET} B"),
            found: format!("{} B", figure(of(&ours))),
            met: of(&ours) <= TARGET,
        }
    };
    let targets = vec![target("allocated", |usage| usage.allocated), target("resident", |usage| usage.resident)];
    Ok(Section { text, targets, failures: Vec::new() })
}
