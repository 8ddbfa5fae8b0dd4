//! Texts that are filled in with labels of a result.

use std::ops::Range;

use super::analyze::LabelState;
use super::catalog;
use super::label_set::Why;
use super::query::{Purpose, Query};
use super::text::{Found, Text};
use super::variables::readable;
use crate::report::nearest::did_you_mean;
use crate::tools::promql::is_label;

/// A label that a text uses, and where in the text.
type Used = (String, Range<usize>);

/// The labels that the texts around a query use and that its result does not have.
pub(super) fn check(query: &Query, state: &LabelState) -> Vec<Found> {
    let Some(subject) = state.subject.as_deref() else { return Vec::new() };
    let is_missing = |label: &str| state.labels.lacks(label) && !label.starts_with("__");
    let is_grafana = query.variables.is_some();
    let mut findings = Vec::new();
    for template in &query.templates {
        let legend = if is_grafana { legend(template) } else { Vec::new() };
        for (label, place) in go(template).into_iter().chain(legend) {
            if is_missing(&label) && !(is_grafana && query.labels.contains(&label)) {
                let message = message(query, state, &label);
                findings.push((catalog::TEMPLATE_LABEL.finding(subject, message), template.in_file(&place)));
            }
        }
    }
    if let Some(wanted) = query.wanted.as_ref().filter(|wanted| is_missing(&wanted.value)) {
        let label = &wanted.value;
        let nearest = did_you_mean(label, state.labels.possible());
        let asks = format!("{} asks for the values of `{label}`", query.consumer);
        let message = format!("{asks}, which `{subject}` does not have{nearest}");
        findings.push((catalog::UNKNOWN_LABEL.finding(subject, message), wanted.in_file(&(0..label.len()))));
    }
    findings
}

fn message(query: &Query, state: &LabelState, label: &str) -> String {
    let why = match state.labels.why(label) {
        _ if query.purpose == Purpose::Alert && query.labels.iter().any(|own| own == label) => {
            "which is a label of the alert, not of its expression".to_owned()
        }
        Some(Why::NotOf(metric)) => {
            format!("which `{metric}` does not have{}", did_you_mean(label, state.labels.possible()))
        }
        Some(Why::Lost(how)) => format!("which is not there: {how}"),
        None => "which is not there".to_owned(),
    };
    format!("{} writes the label `{label}`, {}", query.consumer, readable(&why))
}

/// The labels in a legend: `{{label}}`.
fn legend(template: &Text) -> Vec<Used> {
    let mut labels = Vec::new();
    for (start, inner) in actions(&template.value) {
        let name = inner.trim();
        if is_label(name) {
            let start = start + (inner.len() - inner.trim_start().len());
            labels.push((name.to_owned(), start..start + name.len()));
        }
    }
    labels
}

/// The labels that a Go template uses: `$labels.x`, `.Labels.x`, and `index $labels "x"`.
fn go(template: &Text) -> Vec<Used> {
    let mut labels = Vec::new();
    // For each open block, whether the dot is another value in it, so that `.Labels` are not the alert's.
    let mut blocks = Vec::new();
    for (start, inner) in actions(&template.value) {
        let code = code(inner);
        let uses = ["$labels", ".Labels"].into_iter().flat_map(|name| code.match_indices(name));
        for (at, name) in uses {
            let of_alert = || of_alert(code.get(..at).unwrap_or_default(), blocks.contains(&true));
            let from = at + name.len();
            let rest = inner.get(from..).unwrap_or_default();
            let quoted = || rest.trim_start().strip_prefix('"').filter(|_| code.contains("index"));
            let Some(label) = rest.strip_prefix('.').or_else(quoted).filter(|_| name == "$labels" || of_alert()) else {
                continue;
            };
            let start = start + from + (rest.len() - label.len());
            let end = label.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(label.len());
            let label = label.get(..end).unwrap_or_default();
            if is_label(label) {
                labels.push((label.to_owned(), start..start + label.len()));
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

/// Whether `.Labels` after this code are the alert's: a variable's are not, and the dot's only where the dot is the
/// alert.
fn of_alert(before: &str, other_dot: bool) -> bool {
    let is_field = before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | '.'));
    before.ends_with('$') || !other_dot && !is_field
}

/// What is between `{{` and `}}`, comments left out, and where it begins.
fn actions(text: &str) -> Vec<(usize, &str)> {
    let mut actions = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find("{{")) {
        let start = at + open + 2;
        let inner = text.get(start..).unwrap_or_default();
        let comment = inner.strip_prefix("- ").unwrap_or(inner).starts_with("/*");
        let closed = if comment { inner.find("*/") } else { Some(0) };
        let Some(length) = closed.and_then(|from| Some(from + code(inner.get(from..)?).find("}}")?)) else { break };
        if !comment {
            actions.push((start, inner.get(..length).unwrap_or_default()));
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
                // The text after an action is not code, and may have an apostrophe.
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
