//! Selectors: which series they name, and whether the contract has them.

use promql_parser::label::MatchOp;

use super::matchers::excluded;
use super::scale::Scale;
use super::state::{Origin, RawCounter, ValueKind};
use super::{Analyzer, LabelState};
use crate::contract::owned::OwnedMetric;
use crate::declare::desc::MetricKind;
use crate::declare::lifecycle::{Deprecation, OldName};
use crate::tools::promql::{Matcher, Selector};
use crate::tools::rules::analyzed::{SelectedSeries, SelectedValue};
use crate::tools::rules::catalog;
use crate::tools::rules::known_metrics::{Known, Part};
use crate::tools::rules::label_set::{LabelSet, Presence};
use crate::tools::rules::query::Purpose;
use crate::tools::rules::variables::is_variable;

impl Analyzer<'_> {
    pub(super) fn selector(&mut self, selector: &Selector) -> LabelState {
        let series = self.selected(selector);
        self.analyzed.selectors.push(series);
        self.analyzed.labels.extend(selector.matchers.iter().map(|matcher| matcher.name.clone()));
        let pattern = selector.required().iter().find(|matcher| matcher.name == "__name__");
        match (&selector.name, pattern) {
            (Some(name), _) => self.named(name, selector),
            // Grafana looks for it anywhere in a name.
            (None, Some(pattern)) if self.parsed.query.purpose == Purpose::Names => self.names(pattern, selector),
            (None, Some(pattern)) => match spelled_names(pattern).as_deref() {
                Some([name]) => self.named(name, selector),
                Some(names) => self.alternatives(names, selector),
                None => self.names(pattern, selector),
            },
            (None, None) => other_series(selector),
        }
    }

    /// What a selector selects, in the file.
    fn selected(&self, selector: &Selector) -> SelectedSeries {
        let location = |place| self.file.file.location(self.parsed.in_file(place));
        let equal = |matcher: &&Matcher| matches!(matcher.op, MatchOp::Equal | MatchOp::Re(_));
        let values = selector.matchers.iter().filter(equal).map(|matcher| SelectedValue {
            label: matcher.name.clone(),
            pattern: matcher.value.clone(),
            location: location(&matcher.value_place),
        });
        let values = values.collect();
        SelectedSeries { name: selector.name.clone(), location: location(&selector.place), values }
    }

    fn named(&mut self, name: &str, selector: &Selector) -> LabelState {
        match self.known.lookup(name) {
            _ if is_variable(name) => other_series(selector),
            Known::Series(metric, part) => {
                self.lifecycle(name, metric, selector);
                self.series(selector, metric, part)
            }
            _ if self.recorded.contains_key(name) => self.recorded(selector, name),
            Known::Unknown => {
                let suggestion = self.known.suggestion(name);
                let nearest = suggestion.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
                let message = format!("selects `{name}`, which the contract does not have{nearest}");
                self.find(&catalog::UNKNOWN_METRIC, name, &message, &selector.place);
                other_series(selector)
            }
            Known::Foreign => other_series(selector),
        }
    }

    /// Reports the old name of a metric, and a metric that is deprecated.
    fn lifecycle(&mut self, series: &str, metric: &OwnedMetric, selector: &Selector) {
        let name = &metric.name;
        if let Some((OldName { since, until, .. }, new)) = metric.renamed(series) {
            let message = format!("selects `{series}`, which is `{new}` since {since}, and which {until} drops");
            self.find(&catalog::RENAMED_METRIC, name, &message, &selector.place);
        }
        if let Some(Deprecation { since, note }) = &metric.deprecated {
            let message = format!("selects `{series}`, which is deprecated since {since}: {note}");
            self.find(&catalog::DEPRECATED_METRIC, name, &message, &selector.place);
        }
    }

    /// The series of several names, each of which may lack a label that another has.
    fn alternatives(&mut self, names: &[&str], selector: &Selector) -> LabelState {
        for name in names {
            match self.known.lookup(name) {
                Known::Series(metric, _) => {
                    self.analyzed.metrics.insert(metric.name.clone());
                    self.lifecycle(name, metric, selector);
                }
                Known::Unknown => drop(self.named(name, selector)),
                Known::Foreign => {}
            }
        }
        other_series(selector)
    }

    /// The series of every name that matches a pattern.
    fn names(&mut self, pattern: &Matcher, selector: &Selector) -> LabelState {
        let value = &pattern.value;
        if is_variable(value) {
            return other_series(selector);
        }
        let matching = self.known.series().filter(|(name, _)| pattern.is_match(name));
        let matching: Vec<_> = matching.map(|(_, metric)| metric.name.clone()).collect();
        let none = matching.is_empty() && !self.recorded.keys().any(|name| pattern.is_match(name));
        self.analyzed.metrics.extend(matching);
        let of_contract = || prefix(pattern).is_some_and(|name| matches!(self.known.lookup(name), Known::Unknown));
        if none && self.parsed.query.purpose != Purpose::Names && of_contract() {
            let message = format!("selects the names that match `{value}`, which no metric of the contract does");
            self.find(&catalog::UNKNOWN_METRIC, value, &message, &selector.place);
        }
        other_series(selector)
    }

    fn recorded(&mut self, selector: &Selector, name: &str) -> LabelState {
        let Some(mut state) = self.recorded.get(name).cloned() else { return other_series(selector) };
        for matcher in &selector.matchers {
            self.expect_label(&state, &matcher.name, "matches", &matcher.label);
            // The values are still those of the metric that the label came from.
            let metric = state.labels.values_of(&matcher.name).and_then(|metric| self.known.metric(metric));
            if let Some(metric) = metric {
                self.matcher(&state, metric, Part::Whole, matcher);
            }
        }
        narrow(&mut state.labels, selector);
        state
    }

    fn series(&mut self, selector: &Selector, metric: &OwnedMetric, part: Part) -> LabelState {
        let name = &metric.name;
        self.analyzed.metrics.insert(name.clone());
        if part == Part::Family {
            let message =
                format!("selects `{name}`, a histogram, of which only `_bucket`, `_sum` and `_count` are there");
            self.find(&catalog::HISTOGRAM_SERIES, name, &message, &selector.place);
        }
        let labels = self.known.labels(metric, part);
        let mut state = LabelState { labels, subject: Some(name.clone()), ..LabelState::unknown() };
        selector.matchers.iter().for_each(|matcher| self.matcher(&state, metric, part, matcher));
        self.contradictions(metric, selector);
        narrow(&mut state.labels, selector);
        for label in &metric.labels {
            if state.labels.presence(&label.name) == Presence::Possible
                && let Some(why) = excluded(label, selector)
            {
                state.labels.forbid(&label.name, why);
            }
        }
        let kind = match (part, metric.kind) {
            // No series has the family's name, so nothing more is reported.
            (Part::Family, _) => return state,
            (Part::Whole, MetricKind::Gauge) => ValueKind::Gauge,
            _ => ValueKind::Counter,
        };
        if kind == ValueKind::Counter {
            state.raw.push(RawCounter { metric: name.clone(), place: selector.place.clone(), is_valued: false });
        } else {
            state.scale = Some(Scale::from_metric(metric));
        }
        LabelState { origin: Some(Origin { metric: name.clone(), part, kind }), ..state }
    }
}

/// Series of which only the selector is known.
fn other_series(selector: &Selector) -> LabelState {
    let mut state = LabelState::unknown();
    narrow(&mut state.labels, selector);
    state
}

/// Which labels are there according to the matchers.
fn narrow(labels: &mut LabelSet, selector: &Selector) {
    for matcher in selector.required() {
        let name = &matcher.name;
        if labels.lacks(name) || is_variable(name) || is_variable(&matcher.value) || name == "__name__" {
            continue;
        }
        if !matcher.is_match("") {
            labels.require(name);
        } else if matcher.op == MatchOp::Equal {
            labels.forbid(name, format!("`{name}=\"\"` selects what lacks it"));
        }
    }
}

/// The names in a pattern that consists only of alternatives.
fn spelled_names(matcher: &Matcher) -> Option<Vec<&str>> {
    let names: Vec<_> = unanchored(matcher)?.split('|').collect();
    let is_plain = |name: &&str| !name.is_empty() && name.chars().all(is_name);
    names.iter().all(is_plain).then_some(names)
}

/// The text that every matching name begins with, up to the last character that must follow.
fn prefix(matcher: &Matcher) -> Option<&str> {
    let value = unanchored(matcher)?;
    // A colon means recording rules, which may be in files that are not given.
    if value.contains(['|', ':']) {
        return None;
    }
    let end = value.find(|c| !is_name(c))?;
    let optional = value.get(end..)?.starts_with(['*', '?', '{']);
    value.get(..end - usize::from(optional && end > 0))
}

/// The pattern of a matcher, which is anchored with or without `^` and `$`.
fn unanchored(matcher: &Matcher) -> Option<&str> {
    let value = matches!(matcher.op, MatchOp::Re(_)).then_some(matcher.value.as_str())?;
    let value = value.strip_prefix('^').unwrap_or(value);
    Some(value.strip_suffix('$').unwrap_or(value))
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | ':')
}
