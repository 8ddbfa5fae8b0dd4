//! A report for people: each finding shows the line that it is about.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::report::Report;
use crate::report::finding::{Finding, Severity};

/// The report in the style of rustc: each finding with its line and a caret, and a last line with the counts. It has
/// ANSI colours, which the caller strips where there is no terminal.
#[must_use]
pub fn people(report: &Report, things: &str, suppressed: usize) -> String {
    let renderer = Renderer::styled();
    let mut out = String::new();
    for finding in &report.findings {
        for group in groups(finding) {
            out.push_str(&renderer.render(&[group]));
            out.push('\n');
        }
        out.push('\n');
    }
    for omitted in &report.omitted {
        out.push_str(&super::more(omitted));
        out.push('\n');
    }
    out.push_str(&super::summary(report, things, suppressed));
    out.push('\n');
    out
}

/// The finding with its line and its help; without a location, the help is a separate group.
fn groups(finding: &Finding) -> Vec<Group<'_>> {
    let level = match finding.severity {
        Severity::Note => Level::NOTE,
        Severity::Warning => Level::WARNING,
        Severity::Error => Level::ERROR,
    };
    let title = level.primary_title(format!("{}: {}", finding.subject, finding.message)).id(&*finding.rule);
    let group = Group::with_title(title);
    let Some(place) = &finding.location else {
        return vec![group, Group::with_title(Level::HELP.secondary_title(&*finding.help))];
    };
    let marked = AnnotationKind::Primary.span(place.span.clone());
    let snippet = Snippet::source(&place.text).line_start(place.line).path(&place.source).fold(false);
    let mut group = group.element(snippet.annotation(marked));
    if place.is_cut() {
        group = group.element(Level::NOTE.message(format!("this is column {} of a long line", place.column)));
    }
    vec![group.element(Level::HELP.message(&finding.help))]
}

#[cfg(test)]
mod tests {
    use crate::report::Report;
    use crate::report::finding::Location;

    fn plain(report: &Report) -> String {
        anstream::adapter::strip_str(&super::people(report, "samples", 1)).to_string()
    }

    #[test]
    fn a_caret_is_under_the_word() {
        assert_eq!(
            plain(&super::super::tests::report()),
            "error[scrape-unknown-label]: queue_depth: `engin` is not a label, 100% sure\n \
             --> a,b.prom:3:13\n  |\n\
             3 | queue_depth{engin=\"vllm\"} 1\n  |             ^^^^^\n  |\n  = help: rename it\n\n\
             note[a-note]: orchqueue: remark: for the record\nhelp: read on\n\n\
             1 error and 1 note in 7 samples, 1 suppressed\n"
        );
    }

    #[test]
    fn a_line_that_was_cut_says_where_it_is_about() {
        let line = format!("{}x", "é".repeat(20_000));
        let mut report = Report::on(1);
        let finding = super::super::tests::RULE.finding("x", "long").at(Location::new("-", 9, &line, 40_000..40_001));
        report.push(finding);
        let text = plain(&report);
        assert!(text.contains("this is column 20001 of a long line"), "{text}");
        assert!(text.len() < 20_000, "{}", text.len());
    }

    #[test]
    fn what_was_not_kept_is_counted() {
        let mut report = Report::on(99);
        report.extend((0..205).map(|_| super::super::tests::RULE.finding("x", "again")));
        let text = plain(&report);
        assert!(
            text.ends_with("and 5 more of scrape-unknown-label about x\n205 errors in 99 samples, 1 suppressed\n"),
            "{text}"
        );
    }
}
