//! What a command found, and in how much.

use std::collections::BTreeMap;

use crate::report::finding::{Finding, Severity};

/// How many findings of one rule about one subject are kept: a scrape in which every
/// line is wrong says no more with the thousandth.
const KEPT: usize = 20;

/// How many findings of one rule are kept, whatever their subjects.
const KEPT_OF_A_RULE: usize = 200;

/// Of how many subjects of a rule those that are not kept are counted apart, so that what is allowed can
/// be told from what is not.
const SUBJECTS: usize = 10_000;

/// How many bytes of a finding's texts are kept.
const LONGEST: usize = 2_000;

/// What a check found, and how much it looked at: a check that looked at nothing has not passed.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Report {
    /// What was found, in the order of the text that was checked.
    pub findings: Vec<Finding>,
    /// How many things were looked at: samples, sites, queries, metrics.
    pub examined: usize,
    /// Findings that there were too many of to keep.
    pub omitted: Vec<Omitted>,
    #[cfg_attr(feature = "serde", serde(skip))]
    seen: BTreeMap<&'static str, Seen>,
}

/// Findings of one rule that were counted and not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Omitted {
    /// The rule.
    pub rule: &'static str,
    /// How much they matter.
    pub severity: Severity,
    /// What they are about; `None` where that was too many things to count apart.
    pub subject: Option<String>,
    /// How many there were.
    pub count: usize,
}

/// What there was of one rule.
#[derive(Clone, Debug, Default)]
struct Seen {
    kept: usize,
    /// How many are kept of a subject, and where the others are counted.
    subjects: BTreeMap<String, (usize, Option<usize>)>,
    /// Where those of further subjects are counted.
    others: Option<usize>,
}

impl Report {
    /// A report on this many things, of which none was found wrong.
    pub(crate) fn on(examined: usize) -> Self {
        Self { examined, ..Self::default() }
    }

    /// Adds a finding, or counts it where there are many of its kind.
    pub(crate) fn push(&mut self, mut finding: Finding) {
        // A name in a text from outside can be as long as a line may be.
        [&mut finding.subject, &mut finding.message, &mut finding.help].into_iter().for_each(cut);
        // And it could begin a line that whatever reads the output takes for its own.
        [&mut finding.subject, &mut finding.message].into_iter().for_each(join_lines);
        let Some(counted_at) = self.seen.entry(finding.rule).or_default().admit(&finding.subject) else {
            self.findings.push(finding);
            return;
        };
        let subject = counted_at.subject_is_known.then_some(finding.subject);
        self.count(counted_at.place, Omitted { rule: finding.rule, severity: finding.severity, subject, count: 1 });
    }

    fn count(&mut self, place: Option<usize>, more: Omitted) {
        if let Some(known) = place.and_then(|at| self.omitted.get_mut(at)) {
            known.count += more.count;
            return;
        }
        let seen = self.seen.entry(more.rule).or_default();
        match &more.subject {
            Some(subject) => seen.subjects.entry(subject.clone()).or_default().1 = Some(self.omitted.len()),
            None => seen.others = Some(self.omitted.len()),
        }
        self.omitted.push(more);
    }

    /// Takes out what is allowed, and says how many findings that was.
    pub fn retain(&mut self, mut keep: impl FnMut(&'static str, Option<&str>) -> bool) -> usize {
        let mut dropped = 0;
        self.findings.retain(|finding| {
            let kept = keep(finding.rule, Some(&finding.subject));
            dropped += usize::from(!kept);
            kept
        });
        self.omitted.retain(|omitted| {
            let kept = keep(omitted.rule, omitted.subject.as_deref());
            dropped += if kept { 0 } else { omitted.count };
            kept
        });
        // The places that were counted at have moved.
        self.seen.clear();
        dropped
    }

    /// The greatest severity of a finding, kept or not.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        let omitted = self.omitted.iter().map(|omitted| omitted.severity);
        self.findings.iter().map(|finding| finding.severity).chain(omitted).max()
    }

    /// How many findings there were of a severity, kept or not.
    #[must_use]
    pub fn count_of(&self, severity: Severity) -> usize {
        let omitted = self.omitted.iter().filter(|omitted| omitted.severity == severity).map(|omitted| omitted.count);
        self.findings.iter().filter(|finding| finding.severity == severity).count() + omitted.sum::<usize>()
    }
}

/// Makes a very long text short enough to be read.
fn cut(text: &mut String) {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
}

fn join_lines(text: &mut String) {
    if text.contains(char::is_control) {
        *text = text.replace(char::is_control, " ");
    }
}

struct CountedAt {
    place: Option<usize>,
    subject_is_known: bool,
}

impl Seen {
    /// Where a finding about this subject is counted; `None` where there is room to keep it.
    fn admit(&mut self, subject: &str) -> Option<CountedAt> {
        let full = self.kept >= KEPT_OF_A_RULE;
        let Some((kept, place)) = self.subjects.get_mut(subject) else {
            if self.subjects.len() >= SUBJECTS {
                return Some(CountedAt { place: self.others, subject_is_known: false });
            }
            self.subjects.insert(subject.to_owned(), (usize::from(!full), None));
            self.kept += usize::from(!full);
            return full.then_some(CountedAt { place: None, subject_is_known: true });
        };
        if *kept >= KEPT || full {
            return Some(CountedAt { place: *place, subject_is_known: true });
        }
        *kept += 1;
        self.kept += 1;
        None
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
        assert_eq!(few.findings.len(), KEPT_OF_A_RULE);
        assert_eq!(few.findings.iter().filter(|finding| finding.subject == "0").count(), KEPT);
        assert_eq!((few.omitted[0].subject.as_deref(), few.omitted[0].count), (Some("0"), 5));
        assert_eq!(few.count_of(Severity::Note), 30 * 25);
        assert_eq!((few.worst(), few.count_of(Severity::Error)), (Some(Severity::Note), 0));
    }

    #[test]
    fn subjects_without_end_take_no_memory_without_end() {
        let many = report(3 * SUBJECTS, 2);
        assert!(many.omitted.len() <= SUBJECTS + 1, "{}", many.omitted.len());
        assert_eq!(many.count_of(Severity::Note), 6 * SUBJECTS);
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
    fn what_is_allowed_is_taken_out_of_what_was_counted_too() {
        let mut some = report(2, 25);
        assert_eq!(some.retain(|rule, subject| (rule, subject) != ("r", Some("0"))), 25);
        assert_eq!(some.count_of(Severity::Note), 25);
        // Nothing is known of the subjects of what was only counted.
        let mut many = report(SUBJECTS + 5_000, 1);
        assert_eq!(many.retain(|_, subject| subject.is_none()), SUBJECTS);
        assert_eq!(many.count_of(Severity::Note), 5_000);
    }
}
