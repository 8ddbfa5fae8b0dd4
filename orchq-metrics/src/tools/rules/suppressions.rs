//! Comments that allow what would be a finding: `# orchq:allow RULE reason`.

use std::ops::Range;

use super::catalog;
use super::query::Query;
use super::text::File;
use crate::report::finding::Finding;

const MARK: &str = "orchq:allow";

/// The suppressions of one file.
#[derive(Default)]
pub(super) struct Suppressions {
    /// The rule that is allowed, and the bytes of the file in which it is.
    allowed: Vec<(String, Range<usize>)>,
    findings: Vec<(Finding, Range<usize>)>,
}

impl Suppressions {
    /// The suppressions in a file: each is for the query in which it is written, or that begins on the next line
    /// that is no comment.
    pub(super) fn new(file: File<'_>, queries: &[Query]) -> Self {
        let mut suppressions = Self::default();
        for (at, _) in file.text.match_indices(MARK) {
            let line = file.line_of(at);
            let before = file.text.get(file.lines.get(line).copied().unwrap_or_default()..at).unwrap_or_default();
            if !before.trim_end().ends_with('#') {
                continue;
            }
            let rest = file.text.get(at + MARK.len()..).unwrap_or_default();
            // In JSON, the text goes on behind an escaped end of line.
            let rest = rest.lines().next().unwrap_or_default().split("\\n").next().unwrap_or_default();
            let (rule, reason) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
            let known = catalog::RULES.iter().any(|known| known.id == rule);
            if !known || reason.trim().is_empty() {
                let message = if known {
                    format!("it allows `{rule}` without a reason")
                } else {
                    format!("there is no rule `{rule}`")
                };
                let finding = catalog::ALLOWANCE.finding(file.name, message);
                suppressions.findings.push((finding, at..at + MARK.len()));
                continue;
            }
            let code = next_code(file, line);
            let of_query = queries.iter().filter(|query| {
                let lines = file.line_of(query.extent.start)..=file.line_of(query.extent.end.saturating_sub(1));
                lines.contains(&line) || *lines.start() == code
            });
            suppressions.allowed.extend(of_query.map(|query| (rule.to_owned(), query.extent.clone())));
        }
        suppressions
    }

    /// Whether a finding of a rule is allowed here.
    pub(super) fn allow(&self, place: &Range<usize>, rule: &str) -> bool {
        self.allowed.iter().any(|(allowed, extent)| allowed == rule && extent.contains(&place.start))
    }

    /// What is wrong with the suppressions themselves.
    pub(super) fn into_findings(self) -> Vec<(Finding, Range<usize>)> {
        self.findings
    }
}

/// The next line that is neither empty nor a comment.
fn next_code(file: File<'_>, from: usize) -> usize {
    let lines = file.text.lines().enumerate().skip(from + 1);
    let mut code = lines.filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    code.next().map_or(usize::MAX, |(line, _)| line)
}
