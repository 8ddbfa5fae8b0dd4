//! The findings of a check, up to a number that people can read.

use std::borrow::Cow;

use crate::report::finding::{Finding, Severity};

/// How many findings of one rule a report keeps.
const KEPT: usize = 200;

/// For how many subjects of one rule a report counts the findings that it does not keep.
const COUNTED: usize = 10_000;

/// How many bytes of a finding's texts a report keeps.
const LONGEST: usize = 2_000;

/// What a check found, and how many things it examined: a check that examined nothing has not passed.
///
/// A report keeps the first 200 findings of each rule. It counts the others in [`omitted`](Self::omitted): by subject
/// and severity for the first 10,000 subjects of a rule, and together for the rest. It cuts texts after 2,000 bytes.
/// So its size is limited, and its counts still include every finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Report {
    /// How many things were examined: samples, sites, queries, metrics.
    pub examined: usize,
    /// The findings that are kept, in the order of the text that was checked.
    pub findings: Vec<Finding>,
    /// The findings that are only counted, by rule and subject.
    pub omitted: Vec<Omitted>,
}

/// Findings of one rule that were counted and not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Omitted {
    /// The rule.
    pub rule: Cow<'static, str>,
    /// How much they matter.
    pub severity: Severity,
    /// What they are about; `None` for all subjects past the limit.
    pub subject: Option<String>,
    /// How many there were.
    pub count: usize,
}

impl Omitted {
    /// What [`Report::omitted`] is sorted by.
    fn key(&self) -> (&str, bool, Option<&str>, Severity) {
        (&self.rule, self.subject.is_none(), self.subject.as_deref(), self.severity)
    }
}

impl Report {
    /// A report without findings on this many things.
    pub(crate) fn on(examined: usize) -> Self {
        Self { examined, ..Self::default() }
    }

    /// Adds a finding, or counts it where the report has enough of its rule.
    pub(crate) fn push(&mut self, mut finding: Finding) {
        // A name in a checked text can be as long as its line.
        [&mut finding.subject, &mut finding.message, &mut finding.help].into_iter().for_each(cut);
        // A line break in it could forge a line of the output, such as a workflow command.
        [&mut finding.subject, &mut finding.message].into_iter().for_each(join_lines);
        let kept = || self.findings.iter().filter(|kept| kept.rule == finding.rule).count();
        if !self.omitted_of(&finding.rule).is_empty() || kept() >= KEPT {
            let Finding { rule, severity, subject, .. } = finding;
            self.count(Omitted { rule, severity, subject: Some(subject), count: 1 });
        } else {
            self.findings.push(finding);
        }
    }

    fn count(&mut self, mut more: Omitted) {
        let find = |omitted: &[Omitted], more: &Omitted| omitted.binary_search_by(|known| known.key().cmp(&more.key()));
        let mut place = find(&self.omitted, &more);
        if place.is_err() && self.omitted_of(&more.rule).len() >= COUNTED {
            more.subject = None;
            place = find(&self.omitted, &more);
        }
        match place {
            Ok(at) => self.omitted[at].count += more.count,
            Err(at) => self.omitted.insert(at, more),
        }
    }

    fn omitted_of(&self, rule: &str) -> &[Omitted] {
        let start = self.omitted.partition_point(|omitted| &*omitted.rule < rule);
        let end = self.omitted.partition_point(|omitted| &*omitted.rule <= rule);
        self.omitted.get(start..end).unwrap_or_default()
    }

    /// Adds the findings of another report, but not what it examined.
    pub(crate) fn append(&mut self, other: Self) {
        self.findings.extend(other.findings);
        other.omitted.into_iter().for_each(|more| self.count(more));
    }

    /// Removes the findings for which `keep` is false, and returns how many those were.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&str, Option<&str>) -> bool) -> usize {
        let before = self.total();
        self.findings.retain(|finding| keep(&finding.rule, Some(&finding.subject)));
        self.omitted.retain(|omitted| keep(&omitted.rule, omitted.subject.as_deref()));
        before - self.total()
    }

    /// The greatest severity of a finding, kept or not.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.counts().map(|(severity, _)| severity).max()
    }

    /// How many findings have this severity, kept or not.
    #[must_use]
    pub fn count_of(&self, severity: Severity) -> usize {
        self.counts().filter(|(its, _)| *its == severity).map(|(_, count)| count).sum()
    }

    fn total(&self) -> usize {
        self.counts().map(|(_, count)| count).sum()
    }

    fn counts(&self) -> impl Iterator<Item = (Severity, usize)> {
        let kept = self.findings.iter().map(|finding| (finding.severity, 1));
        kept.chain(self.omitted.iter().map(|omitted| (omitted.severity, omitted.count)))
    }
}

/// Cuts a very long text.
fn cut(text: &mut String) {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
}

fn join_lines(text: &mut String) {
    if text.contains(char::is_control) {
        *text = text.replace(char::is_control, " ");
    }
}

impl Extend<Finding> for Report {
    fn extend<I: IntoIterator<Item = Finding>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::finding::Rule;

    static RULE: Rule = Rule { id: "r", severity: Severity::Note, description: "", example: "", help: "" };

    fn report(subjects: usize, of_each: usize) -> Report {
        let mut report = Report::default();
        for subject in 0..subjects {
            report.extend((0..of_each).map(|_| RULE.finding(subject.to_string(), "")));
        }
        report
    }

    #[test]
    fn many_of_a_kind_are_counted_and_none_is_lost() {
        let few = report(30, 25);
        assert_eq!(few.findings.len(), KEPT);
        assert_eq!((few.omitted[0].subject.as_deref(), few.omitted[0].count), (Some("10"), 25));
        assert_eq!(few.count_of(Severity::Note), 30 * 25);
        assert_eq!((few.worst(), few.count_of(Severity::Error)), (Some(Severity::Note), 0));
    }

    /// Of one rule, some findings can be warnings and others errors.
    #[test]
    fn findings_that_are_only_counted_keep_their_severity() {
        let mut report = report(1, KEPT + 1);
        report.push(Finding { severity: Severity::Error, ..RULE.finding("0", "") });
        assert_eq!((report.worst(), report.count_of(Severity::Error)), (Some(Severity::Error), 1));
        let mut all = Report::on(1);
        all.append(report.clone());
        all.append(report);
        assert_eq!((all.omitted.len(), all.count_of(Severity::Error)), (2, 2));
    }

    #[test]
    fn any_number_of_subjects_takes_limited_memory() {
        let many = report(3 * COUNTED, 2);
        assert_eq!(many.omitted.len(), COUNTED + 1);
        assert_eq!(many.count_of(Severity::Note), 6 * COUNTED);
        assert_eq!(many.omitted.last().expect("some are").subject, None);
    }

    #[test]
    fn a_name_without_end_is_cut_and_stays_on_its_line() {
        let mut report = Report::default();
        report.push(RULE.finding("é".repeat(100_000), "x".repeat(100_000)));
        report.push(RULE.finding("a\n::error::b", "\u{1b}[2J"));
        assert_eq!(
            (report.findings[1].subject.as_str(), report.findings[1].message.as_str()),
            ("a ::error::b", " [2J")
        );
        let Finding { subject, message, .. } = &report.findings[0];
        assert!(subject.len() < 2 * LONGEST && message.len() < 2 * LONGEST && subject.ends_with("é…"));
    }

    #[test]
    fn suppressed_findings_are_removed_from_the_counts_too() {
        let mut some = report(2, KEPT);
        assert_eq!(some.retain(|rule, subject| (rule, subject) != ("r", Some("1"))), KEPT);
        assert_eq!(some.count_of(Severity::Note), KEPT);
        // The subjects past the limit are not known.
        let mut many = report(KEPT + COUNTED + 5_000, 1);
        assert_eq!(many.retain(|_, subject| subject.is_none()), KEPT + COUNTED);
        assert_eq!(many.count_of(Severity::Note), 5_000);
    }
}
