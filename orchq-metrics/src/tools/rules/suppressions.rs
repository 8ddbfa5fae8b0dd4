//! Comments that suppress findings: `# orchq:allow RULE reason`.

use std::ops::Range;

use super::catalog;
use super::query::Query;
use super::text::{File, Found};

const MARK: &str = "orchq:allow";

/// The suppressions of one file: a rule, and the bytes of the file in which it is suppressed.
#[derive(Default)]
pub(super) struct Suppressions(Vec<(String, Range<usize>)>);

impl Suppressions {
    /// The suppressions in a file, and what is wrong with them. Each is for the query in which it is written, or that
    /// begins on the next line that is not a comment.
    pub(super) fn new(file: &File<'_>, queries: &[Query]) -> (Self, Vec<Found>) {
        let (mut suppressions, mut findings) = (Vec::new(), Vec::new());
        for (at, _) in file.text.match_indices(MARK) {
            let line = file.line_of(at);
            let before = file.text.get(file.lines.get(line).copied().unwrap_or_default()..at).unwrap_or_default();
            if !before.trim_end().ends_with('#') {
                continue;
            }
            let rest = file.text.get(at + MARK.len()..).unwrap_or_default();
            // In JSON, the text goes on behind an escaped end of line.
            let rest = rest.lines().next().unwrap_or_default().split("\\n").next().unwrap_or_default().trim();
            let (rule, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let wrong = if !catalog::RULES.iter().any(|known| known.id == rule) {
                Some(format!("there is no rule `{rule}`"))
            } else if reason.trim().is_empty() {
                Some(format!("it suppresses `{rule}` without a reason"))
            } else {
                None
            };
            if let Some(message) = wrong {
                findings.push((catalog::SUPPRESSION.finding(file.name, message), at..at + MARK.len()));
                continue;
            }
            let code = next_code(file, line);
            let of_query = queries.iter().filter(|query| {
                let lines = file.line_of(query.extent.start)..=file.line_of(query.extent.end.saturating_sub(1));
                lines.contains(&line) || *lines.start() == code
            });
            suppressions.extend(of_query.map(|query| (rule.to_owned(), query.extent.clone())));
        }
        (Self(suppressions), findings)
    }

    /// Whether a finding of a rule is suppressed here.
    pub(super) fn matches(&self, place: &Range<usize>, rule: &str) -> bool {
        self.0.iter().any(|(suppressed, extent)| suppressed == rule && extent.contains(&place.start))
    }
}

/// The next line that is neither empty nor a comment.
fn next_code(file: &File<'_>, from: usize) -> usize {
    let lines = file.text.lines().enumerate().skip(from + 1);
    let mut code = lines.filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    code.next().map_or(usize::MAX, |(line, _)| line)
}
