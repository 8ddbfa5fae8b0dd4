//! What a command found, and in how much.

use std::collections::BTreeMap;

use crate::finding::{Finding, Severity};

/// How many findings of one rule about one subject are kept: a scrape in which every
/// line is wrong says no more with the thousandth.
const KEPT: usize = 20;

/// How many findings of one rule are kept, whatever their subjects.
const KEPT_OF_A_RULE: usize = 200;

/// What a check found, and how much it looked at: a check that looked at nothing has not passed.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Report {
    /// What was found, in the order of the text that was checked.
    pub findings: Vec<Finding>,
    /// How many things were looked at: samples, sites, queries, metrics.
    pub examined: usize,
    /// How many more findings of a rule there were than are kept.
    pub omitted: BTreeMap<&'static str, usize>,
    #[cfg_attr(feature = "serde", serde(skip))]
    kept: BTreeMap<&'static str, (usize, BTreeMap<String, usize>)>,
}

impl Report {
    /// Adds a finding, or counts it where there are many of its kind.
    pub(crate) fn push(&mut self, finding: Finding) {
        let (of_rule, subjects) = self.kept.entry(finding.rule).or_default();
        let of_subject = match subjects.get_mut(&finding.subject) {
            Some(count) => count,
            None if *of_rule < KEPT_OF_A_RULE => subjects.entry(finding.subject.clone()).or_default(),
            None => {
                *self.omitted.entry(finding.rule).or_default() += 1;
                return;
            }
        };
        if *of_subject < KEPT && *of_rule < KEPT_OF_A_RULE {
            *of_subject += 1;
            *of_rule += 1;
            self.findings.push(finding);
        } else {
            *self.omitted.entry(finding.rule).or_default() += 1;
        }
    }

    /// Adds everything of another report.
    pub(crate) fn merge(&mut self, other: Self) {
        self.examined += other.examined;
        other.findings.into_iter().for_each(|finding| self.push(finding));
        for (rule, count) in other.omitted {
            *self.omitted.entry(rule).or_default() += count;
        }
    }

    /// The greatest severity of a finding.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
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
    use crate::finding::Rule;

    static RULE: Rule = Rule { id: "r", severity: Severity::Note, meaning: "", example: "", cure: "" };

    #[test]
    fn many_of_a_kind_are_counted_and_none_is_lost() {
        let mut report = Report::default();
        for subject in 0..30 {
            report.extend((0..25).map(|_| RULE.finding(subject.to_string(), "")));
        }
        assert_eq!(report.findings.len(), KEPT_OF_A_RULE);
        assert_eq!(report.findings.iter().filter(|finding| finding.subject == "0").count(), KEPT);
        assert_eq!(report.findings.len() + report.omitted["r"], 30 * 25);
        assert_eq!(report.worst(), Some(Severity::Note));
        let mut sum = Report::default();
        sum.merge(report.clone());
        sum.merge(report);
        assert_eq!(sum.findings.len() + sum.omitted["r"], 2 * 30 * 25);
    }
}
