//! Renderings of a report. They decide nothing.

mod github;
mod json;
mod people;

pub use github::github;
pub use json::json;
pub use people::people;

use crate::report::finding::Severity;
use crate::report::{Omitted, Report};

/// The counts, in a line: `2 errors and 1 warning in 1200 samples`.
fn summary(report: &Report, things: &str, suppressed: usize) -> String {
    let counts =
        [Severity::Error, Severity::Warning, Severity::Note].map(|severity| (report.count_of(severity), severity));
    let mut found: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {severity}{}", if *count == 1 { "" } else { "s" }))
        .collect();
    let found = match (found.pop(), found.is_empty()) {
        (None, _) => "no findings".to_owned(),
        (Some(last), true) => last,
        (Some(last), false) => format!("{} and {last}", found.join(", ")),
    };
    let suppressed = if suppressed > 0 { format!(", {suppressed} suppressed") } else { String::new() };
    match report.examined {
        0 if report.worst().is_none() => format!("nothing was examined: there are no {things}"),
        n => format!("{found} in {n} {things}{suppressed}"),
    }
}

/// The line for findings that were counted and not kept.
fn more(omitted: &Omitted) -> String {
    let subject = omitted.subject.as_deref().unwrap_or("other subjects");
    format!("and {} more of {} about {subject}", omitted.count, omitted.rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::finding::{Location, Rule};

    pub(super) static RULE: Rule =
        Rule { id: "scrape-unknown-label", severity: Severity::Error, description: "", example: "", help: "rename it" };
    static NOTE: Rule = Rule { id: "a-note", severity: Severity::Note, description: "", example: "", help: "read on" };

    /// Two findings, one of which is in a text.
    pub(super) fn report() -> Report {
        let mut report = Report::on(7);
        let line = "queue_depth{engin=\"vllm\"} 1";
        report.push(RULE.finding("queue_depth", "`engin` is not a label, 100% sure").at(Location::new(
            "a,b.prom",
            3,
            line,
            12..17,
        )));
        report.push(NOTE.finding("orchqueue", "remark: for the record"));
        report
    }

    #[test]
    fn a_summary_counts() {
        assert_eq!(summary(&report(), "samples", 0), "1 error and 1 note in 7 samples");
        assert_eq!(summary(&Report::on(1), "queries", 2), "no findings in 1 queries, 2 suppressed");
        assert_eq!(summary(&Report::default(), "samples", 0), "nothing was examined: there are no samples");
        let mut many = report();
        many.extend((0..30).map(|_| RULE.finding("x", "")));
        assert_eq!(summary(&many, "samples", 0), "31 errors and 1 note in 7 samples");
    }
}
