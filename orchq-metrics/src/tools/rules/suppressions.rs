//! Comments that suppress findings: `# orchq:suppress RULE reason`.

use std::ops::Range;

use super::catalog;
use super::query::Query;
use super::text::{File, Found};

const MARK: &str = "orchq:suppress";

/// A rule, and the bytes of the file in which its findings are suppressed.
pub(super) type Suppressed = (&'static str, Range<usize>);

/// The suppressions in a file, and what is wrong with them. Each is for the query in which it is written, or that
/// begins on the next line that is not a comment.
pub(super) fn suppressions(file: &File<'_>, queries: &[Query]) -> (Vec<Suppressed>, Vec<Found>) {
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
        let message = match catalog::RULES.iter().find(|known| known.id == rule) {
            None => format!("there is no rule `{rule}`"),
            Some(_) if reason.trim().is_empty() => format!("it suppresses `{rule}` without a reason"),
            Some(known) => {
                let code = next_code(file, line);
                let of_query = queries.iter().filter(|query| {
                    let lines = file.line_of(query.extent.start)..=file.line_of(query.extent.end.saturating_sub(1));
                    lines.contains(&line) || *lines.start() == code
                });
                suppressions.extend(of_query.map(|query| (known.id, query.extent.clone())));
                continue;
            }
        };
        findings.push((catalog::SUPPRESSION.finding(file.name, message), at..at + MARK.len()));
    }
    (suppressions, findings)
}

/// The next line that is neither empty nor a comment.
fn next_code(file: &File<'_>, from: usize) -> usize {
    let lines = file.text.lines().enumerate().skip(from + 1);
    let mut code = lines.filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    code.next().map_or(usize::MAX, |(line, _)| line)
}
