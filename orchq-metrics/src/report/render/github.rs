//! A report as annotations of a GitHub workflow.
//!
//! The format and its escapes are those of
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands> and of `command.ts` in
//! <https://github.com/actions/toolkit>.

use std::fmt::Write as _;

use crate::report::Report;
use crate::report::finding::{Finding, Severity};

/// One workflow command for each finding, and a last line that counts them: GitHub shows few of many.
#[must_use]
pub fn github(report: &Report, things: &str, suppressed: usize) -> String {
    let mut out: String = report.findings.iter().map(annotation).collect();
    for omitted in &report.omitted {
        let (level, rule) = (level(omitted.severity), property(&omitted.rule));
        out.push_str(&format!("::{level} title={rule}::{}\n", data(&super::more(omitted))));
    }
    out.push_str(&super::summary(report, things, suppressed));
    out.push('\n');
    out
}

fn annotation(finding: &Finding) -> String {
    let mut out = format!("::{} ", level(finding.severity));
    if let Some(place) = &finding.location {
        let width = place.text.get(place.span.clone()).map_or(0, |text| text.chars().count());
        let (line, column) = (place.line, place.column);
        let end = column + width.saturating_sub(1);
        let file = property(&place.source);
        write!(out, "file={file},line={line},col={column},endColumn={end},")
            .expect("writing to a string does not fail");
    }
    let message = data(&format!("{}: {}\nhelp: {}", finding.subject, finding.message, finding.help));
    out + &format!("title={}::{message}\n", property(&finding.rule))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use crate::report::Report;

    #[test]
    fn what_would_end_a_command_is_escaped() {
        assert_eq!(
            super::github(&super::super::tests::report(), "samples", 0),
            "::error file=a%2Cb.prom,line=3,col=13,endColumn=17,title=scrape-unknown-label::queue_depth: `engin` is not a \
             label, 100%25 sure%0Ahelp: rename it\n\
             ::notice title=a-note::orchqueue: remark: for the record%0Ahelp: read on\n\
             1 error and 1 note in 7 samples\n"
        );
        let mut report = Report::default();
        report.extend((0..205).map(|_| super::super::tests::RULE.finding("x", "again")));
        let more = "::error title=scrape-unknown-label::and 5 more of scrape-unknown-label about x\n";
        assert!(super::github(&report, "samples", 0).contains(more));
    }
}
