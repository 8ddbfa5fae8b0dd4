//! Findings that a user has accepted.

use std::cell::Cell;

use crate::report::Report;
use crate::tools::catalog;
use crate::tools::suppression_rule::SUPPRESSION_UNUSED;

/// Findings of one rule that are not a reason to fail, and why.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Suppression {
    /// The rule's id.
    pub rule: String,
    /// What the findings are about, with `*` for any text; `None` for every subject.
    pub subject: Option<String>,
    /// Why.
    pub reason: String,
}

impl Suppression {
    /// Suppresses a rule, as `RULE` or `RULE:SUBJECT`.
    ///
    /// ```
    /// use orchq_metrics::Suppression;
    ///
    /// let suppression = Suppression::new("promlint-unit-abbreviation:latency_*_ms", "the document names them");
    /// assert_eq!(suppression.subject.as_deref(), Some("latency_*_ms"));
    /// ```
    #[must_use]
    pub fn new(what: &str, reason: impl Into<String>) -> Self {
        let (rule, subject) = match what.split_once(':') {
            Some((rule, subject)) => (rule, Some(subject.to_owned())),
            None => (what, None),
        };
        Self { rule: rule.to_owned(), subject, reason: reason.into() }
    }

    /// Whether it suppresses such a finding. Where the subject is not known, it must suppress all subjects.
    #[must_use]
    pub fn matches(&self, rule: &str, subject: Option<&str>) -> bool {
        self.rule == rule
            && match (&self.subject, subject) {
                (None, _) => true,
                (Some(pattern), Some(subject)) => matches(pattern, subject),
                (Some(pattern), None) => pattern == "*",
            }
    }
}

impl Report {
    /// Removes the suppressed findings, and returns how many those were. A suppression for a rule of
    /// `command` that matches nothing is itself a finding.
    pub fn suppress(&mut self, command: &str, suppressions: &[Suppression]) -> usize {
        let used: Vec<_> = suppressions.iter().map(|suppression| (suppression, Cell::new(false))).collect();
        let dropped = self.retain(|rule, subject| {
            let covering = used.iter().filter(|(suppression, _)| suppression.matches(rule, subject));
            covering.map(|(_, used)| used.set(true)).count() == 0
        });
        let of_this_command = |id: &str| catalog::all().any(|(whose, rule)| whose == command && rule.id == id);
        let unused_is_allowed = |subject: &str| {
            suppressions.iter().any(|suppression| suppression.matches(SUPPRESSION_UNUSED.id, Some(subject)))
        };
        for (suppression, used) in &used {
            let subject = suppression.subject.as_deref().unwrap_or("*");
            if !used.get() && of_this_command(&suppression.rule) && !unused_is_allowed(subject) {
                let message =
                    format!("`{}` is suppressed (\"{}\") and was not found", suppression.rule, suppression.reason);
                self.push(SUPPRESSION_UNUSED.finding(subject, message));
            }
        }
        dropped
    }
}

/// Whether a text matches a pattern in which `*` is any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<_> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        // The first match leaves the most text for the parts that follow.
        let Some((_, after)) = text.split_once(part) else { return false };
        text = after;
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::finding::{Rule, Severity};

    #[test]
    fn a_star_is_any_text() {
        let like = [("a", "a"), ("*", ""), ("*", "abc"), ("a*c", "abc"), ("a*b*c", "aXbbYc"), ("*_ms", "x_ms")];
        let unlike = [("a", "ab"), ("a*c", "ab"), ("a*b*c", "acb"), ("*_ms", "x_msec"), ("ab*ba", "aba")];
        let matching = |pairs: &[(&str, &str)]| pairs.iter().filter(|(pattern, text)| matches(pattern, text)).count();
        assert_eq!((matching(&like), matching(&unlike)), (like.len(), 0));
    }

    #[test]
    fn what_is_suppressed_is_dropped_and_an_unused_suppression_is_reported() {
        static ABSENT: Rule =
            Rule { id: "metric-without-site", severity: Severity::Error, description: "", example: "", help: "" };
        let mut report = Report::default();
        report.extend(["gpu_utilization", "queue_depth"].map(|subject| ABSENT.finding(subject, "")));
        let suppressions =
            ["metric-without-site:gpu_*", "metric-without-site:vram_*", "conflicting-contracts", "of-another-command"]
                .map(|what| Suppression::new(what, "why"));
        assert_eq!(report.suppress("self-check", &suppressions), 1);
        let left: Vec<_> = report.findings.iter().map(|finding| (&*finding.rule, finding.subject.as_str())).collect();
        assert_eq!(
            left,
            [("metric-without-site", "queue_depth"), ("suppression-unused", "vram_*"), ("suppression-unused", "*")]
        );
        let mut nothing = Report::default();
        nothing.suppress(
            "self-check",
            &["conflicting-contracts", "suppression-unused:*"].map(|what| Suppression::new(what, "")),
        );
        assert_eq!(nothing.findings, []);
    }
}
