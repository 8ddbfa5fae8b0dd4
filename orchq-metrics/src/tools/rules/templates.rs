//! Texts that are filled in with labels of a result.

use std::ops::Range;

use super::catalog;
use super::flow::{Flow, Presence, Why};
use super::query::{Purpose, Query};
use super::text::Text;
use super::variables::readable;
use crate::report::finding::Finding;

/// A label that a text uses, and where in the text.
type Used = (String, Range<usize>);

/// What the texts around a query use that its result does not have, and where in the file.
pub(super) fn check(query: &Query, flow: &Flow) -> Vec<(Finding, Range<usize>)> {
    let Some(subject) = flow.subject.as_deref() else { return Vec::new() };
    let mut findings = Vec::new();
    for template in &query.templates {
        let legend = if query.variables.is_some() { legend(template) } else { Vec::new() };
        for (label, place) in go(template).into_iter().chain(legend) {
            let given = query.variables.is_some() && query.labels.contains(&label);
            if flow.labels.presence(&label) == Presence::Impossible && !label.starts_with("__") && !given {
                let message = message(query, flow, &label);
                findings.push((catalog::TEMPLATE_LABEL.finding(subject, message), template.in_file(&place)));
            }
        }
    }
    if let Some(wanted) = &query.wanted
        && flow.labels.presence(&wanted.value) == Presence::Impossible
        && !wanted.value.starts_with("__")
    {
        let nearest = crate::report::nearest::did_you_mean(&wanted.value, flow.labels.possible());
        let message = format!(
            "{} asks for the values of `{}`, which `{subject}` does not have{nearest}",
            query.consumer, wanted.value
        );
        let place = wanted.in_file(&(0..wanted.value.len()));
        findings.push((catalog::UNKNOWN_LABEL.finding(subject, message), place));
    }
    findings
}

fn message(query: &Query, flow: &Flow, label: &str) -> String {
    let why = match flow.labels.why(label) {
        _ if query.purpose == Purpose::Alert && query.labels.iter().any(|own| own == label) => {
            "which is a label of the alert and not of its expression".to_owned()
        }
        Some(Why::NotOf(metric)) => {
            let nearest = crate::report::nearest::did_you_mean(label, flow.labels.possible());
            format!("which `{metric}` does not have{nearest}")
        }
        Some(Why::Lost(how)) => format!("which is not there: {how}"),
        None => "which is not there".to_owned(),
    };
    format!("{} writes the label `{label}`, {}", query.consumer, readable(&why))
}

/// The labels in a legend: `{{label}}`.
fn legend(template: &Text) -> Vec<Used> {
    let mut labels = Vec::new();
    for action in actions(&template.value) {
        let inner = template.value.get(action.clone()).unwrap_or_default();
        let name = inner.trim();
        if is_label(name) {
            let start = action.start + (inner.len() - inner.trim_start().len());
            labels.push((name.to_owned(), start..start + name.len()));
        }
    }
    labels
}

/// The labels that a Go template uses: `$labels.x`, `.Labels.x`, and `index $labels "x"`.
fn go(template: &Text) -> Vec<Used> {
    let mut labels = Vec::new();
    // Whether each block that is open has a dot of its own, in which `.Labels` are of something else.
    let mut blocks = Vec::new();
    for action in actions(&template.value) {
        let inner = template.value.get(action.clone()).unwrap_or_default();
        let code = code(inner);
        for name in ["$labels", ".Labels"] {
            for (at, _) in code.match_indices(name) {
                if name == ".Labels" && !of_alert(code.get(..at).unwrap_or_default(), blocks.contains(&true)) {
                    continue;
                }
                let from = at + name.len();
                let rest = inner.get(from..).unwrap_or_default();
                let trimmed = rest.trim_start();
                let (label, skipped) = if let Some(field) = rest.strip_prefix('.') {
                    (field, 1)
                } else if let Some(quoted) = trimmed.strip_prefix('"').filter(|_| code.contains("index")) {
                    (quoted, rest.len() - quoted.len())
                } else {
                    continue;
                };
                let end = label.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(label.len());
                let label = label.get(..end).unwrap_or_default();
                let start = action.start + from + skipped;
                if is_label(label) {
                    labels.push((label.to_owned(), start..start + label.len()));
                }
            }
        }
        let keyword = code.trim_start_matches('-').split_whitespace().next().unwrap_or_default();
        match keyword {
            "range" | "with" | "block" | "define" => blocks.push(true),
            "if" => blocks.push(false),
            "end" => drop(blocks.pop()),
            _ => {}
        }
    }
    labels
}

/// Whether `.Labels` behind this code are the alert's: not those of a variable, and of the dot only where it is the
/// alert.
fn of_alert(before: &str, other_dot: bool) -> bool {
    match before.strip_suffix('$') {
        Some(_) => true,
        None => !other_dot && !before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | '.')),
    }
}

/// What is between `{{` and `}}`, comments left out.
fn actions(text: &str) -> Vec<Range<usize>> {
    let mut actions = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find("{{")) {
        let start = at + open + 2;
        let inner = text.get(start..).unwrap_or_default();
        let comment = inner.strip_prefix("- ").unwrap_or(inner).starts_with("/*");
        let closed = if comment { inner.find("*/") } else { Some(0) };
        let Some(length) = closed.and_then(|from| Some(from + code(inner.get(from..)?).find("}}")?)) else { break };
        if !comment {
            actions.push(start..start + length);
        }
        at = start + length + 2;
    }
    actions
}

/// A template's code, with blanks for what is within quotes.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut quote = None;
    let mut escaped = false;
    for c in text.chars() {
        match quote {
            None => {
                // What follows an action is no code, and may have an apostrophe.
                if code.ends_with("}}") {
                    break;
                }
                quote = Some(c).filter(|c| matches!(c, '"' | '`' | '\''));
                code.push(c);
            }
            Some(open) if c == open && !escaped => {
                quote = None;
                code.push(c);
            }
            Some(open) => {
                escaped = c == '\\' && !escaped && open != '`';
                code.extend(std::iter::repeat_n(' ', c.len_utf8()));
            }
        }
    }
    code
}

fn is_label(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_found_in_templates() {
        let read = |how: fn(&Text) -> Vec<Used>, text: &str| {
            let found = how(&Text::file(text));
            found
                .into_iter()
                .map(|(label, place)| (text[place] == label).then_some(label).expect("its place"))
                .collect::<Vec<_>>()
        };
        let text = "{{ $labels.a }} {{ .Labels.b | toUpper }} {{ index $labels \"c\" }} {{ $value }} $labels.d \
                    {{ with printf \"x{y='%s'}\" $labels.e | query }}{{ . | first | value }}{{ end }} {{ $labels }}";
        assert_eq!(read(go, text), ["a", "b", "c", "e"]);
        let text = "{{ range query \"a > 1\" }}{{ .Labels.no }} {{ $labels.a }} {{ $.Labels.b }}{{ end }} {{ .Labels.c }} \
                    {{- with .Labels.d }}{{ if .Labels.no }}{{ end }}{{ .Labels.no }}{{ end }}\
                    {{ if .Labels.e }}{{ .Labels.f }}{{ end }} {{ $x.Labels.no }} {{ (first $y).Labels.no }}";
        assert_eq!(read(go, text), ["a", "b", "c", "d", "e", "f"]);
        let text = "{{/* $labels.no }} */}} {{- /* $labels.no */ -}} {{ \"é}} $labels.no \\\" $labels.no\" }} it's \
                    {{ `$labels.no\\` }} {{ $labels.a }}";
        assert_eq!(read(go, text), ["a"]);
        assert_eq!(read(legend, "{{a}} {{ b }} {{ c.d }} {{"), ["a", "b"]);
    }
}
