//! Texts that are filled in with labels of a result.

use std::ops::Range;

use super::analyze::LabelState;
use super::catalog;
use super::query::{Purpose, Query};
use super::text::Found;
use super::variables::readable;
use crate::declare::label::is_label_name;
use crate::report::nearest::did_you_mean;

/// The labels that the texts around a query use and that its result does not have.
pub(super) fn check(query: &Query, state: &LabelState) -> Vec<Found> {
    let Some(subject) = state.subject.as_deref() else { return Vec::new() };
    let is_missing = |label: &str| state.labels.lacks(label) && !label.starts_with("__");
    let is_grafana = query.variables.is_some();
    let mut findings = Vec::new();
    for template in &query.templates {
        for place in labels(&template.value, is_grafana) {
            let label = template.value.get(place.clone()).unwrap_or_default();
            let is_added = query.labels.iter().any(|added| added == label);
            if !is_missing(label) || is_grafana && is_added {
                continue;
            }
            let why = if is_added && query.purpose == Purpose::Alert {
                "which is a label of the alert, not of its expression".to_owned()
            } else {
                readable(&state.labels.why_missing(label))
            };
            let message = format!("{} writes the label `{label}`, {why}", query.consumer);
            findings.push((catalog::TEMPLATE_LABEL.finding(subject, message), template.in_file(&place)));
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

/// The labels that a Go template uses: `$labels.x`, `.Labels.x`, and `index $labels "x"`; in a legend, `{{x}}` too.
fn labels(template: &str, is_legend: bool) -> Vec<Range<usize>> {
    let mut labels = Vec::new();
    // For each open block, whether the dot is another value in it, so that `.Labels` are not the alert's.
    let mut blocks = Vec::new();
    for (start, inner, code) in actions(template) {
        let mut add = |rest: &str| {
            let start = start + inner.len() - rest.len();
            let label = rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
            labels.extend(is_label_name(label).then_some(start..start + label.len()));
        };
        if is_legend && is_label_name(inner.trim()) {
            add(inner.trim_start());
        }
        for (at, name) in ["$labels", ".Labels"].into_iter().flat_map(|name| code.match_indices(name)) {
            let of_alert = || of_alert(code.get(..at).unwrap_or_default(), blocks.contains(&true));
            let rest = inner.get(at + name.len()..).unwrap_or_default();
            let quoted = || rest.trim_start().strip_prefix('"').filter(|_| code.contains("index"));
            let label = rest.strip_prefix('.').or_else(quoted);
            label.filter(|_| name == "$labels" || of_alert()).into_iter().for_each(&mut add);
        }
        match code.trim_start_matches('-').split_whitespace().next() {
            Some("range" | "with" | "block" | "define") => blocks.push(true),
            Some("if") => blocks.push(false),
            Some("end") => drop(blocks.pop()),
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

/// What is between `{{` and `}}`, comments left out: where it begins, its text, and its code.
fn actions(text: &str) -> Vec<(usize, &str, String)> {
    let mut actions = Vec::new();
    let mut at = 0;
    while let Some(open) = text.get(at..).and_then(|rest| rest.find("{{")) {
        let start = at + open + 2;
        let inner = text.get(start..).unwrap_or_default();
        let comment = inner.strip_prefix("- ").unwrap_or(inner).starts_with("/*");
        let Some(from) = (if comment { inner.find("*/") } else { Some(0) }) else { break };
        let code = code(inner.get(from..).unwrap_or_default());
        let Some(code) = code.strip_suffix("}}") else { break };
        if !comment {
            actions.push((start, inner.get(..code.len()).unwrap_or_default(), code.to_owned()));
        }
        at = start + from + code.len() + 2;
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
        let read = |text: &'static str, is_legend| {
            labels(text, is_legend).into_iter().map(|place| &text[place]).collect::<Vec<_>>()
        };
        let text = "{{ $labels.a }} {{ .Labels.b | toUpper }} {{ index $labels \"c\" }} {{ $value }} $labels.d \
                    {{ with printf \"x{y='%s'}\" $labels.e | query }}{{ . | first | value }}{{ end }} {{ $labels }}";
        assert_eq!(read(text, false), ["a", "b", "c", "e"]);
        let text = "{{ range query \"a > 1\" }}{{ .Labels.no }} {{ $labels.a }} {{ $.Labels.b }}{{ end }} {{ .Labels.c }} \
                    {{- with .Labels.d }}{{ if .Labels.no }}{{ end }}{{ .Labels.no }}{{ end }}\
                    {{ if .Labels.e }}{{ .Labels.f }}{{ end }} {{ $x.Labels.no }} {{ (first $y).Labels.no }}";
        assert_eq!(read(text, false), ["a", "b", "c", "d", "e", "f"]);
        let text = "{{/* $labels.no }} */}} {{- /* $labels.no */ -}} {{ \"é}} $labels.no \\\" $labels.no\" }} it's \
                    {{ `$labels.no\\` }} {{ $labels.a }}";
        assert_eq!(read(text, false), ["a"]);
        assert_eq!(read("{{a}} {{ b }} {{ c.d }} {{", true), ["a", "b"]);
    }
}
