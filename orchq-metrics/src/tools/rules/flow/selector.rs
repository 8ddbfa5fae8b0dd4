//! Selectors: what they name, and whether the contract has it.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::VectorSelector;

use super::{Flow, LabelSet, Origin, Presence, Raw, Scale, State, Walk, pattern};
use crate::contract::owned::OwnedMetric;
use crate::declare::desc::MetricKind;
use crate::tools::promql::SelectorAt;
use crate::tools::rules::catalog;
use crate::tools::rules::query::Purpose;
use crate::tools::rules::variables::is_variable;
use crate::tools::rules::vocabulary::{Known, Part};

impl Walk<'_> {
    pub(super) fn selector(&mut self, selector: &VectorSelector) -> Flow {
        let index = self.selectors;
        self.selectors += 1;
        let scan = self.scan;
        let at = scan.selectors.get(index);
        let matchers = &selector.matchers;
        let named = matchers.matchers.iter().find(|matcher| matcher.name == "__name__");
        // A matcher on the name is where the name is written.
        let place = match (&selector.name, at) {
            (None, Some(at)) => named_at(at, selector).or(Some(at.name.clone())),
            (_, at) => at.map(|at| at.name.clone()),
        };
        let name = match (&selector.name, named) {
            (Some(name), _) => name.as_str(),
            (None, Some(Matcher { op: MatchOp::Equal, value, .. })) => value.as_str(),
            (None, Some(pattern)) => match pattern::names(pattern).as_deref() {
                // Grafana looks for it anywhere in a name.
                _ if self.query.purpose == Purpose::Names => return self.names(pattern, selector, None),
                Some([name]) => return self.named(name, selector, index, place.as_ref()),
                Some(names) => return self.alternatives(names, selector, index, place.as_ref()),
                None => return self.names(pattern, selector, place.as_ref()),
            },
            (None, None) => return foreign(selector),
        };
        self.named(name, selector, index, place.as_ref())
    }

    /// The series of one name.
    fn named(
        &mut self,
        name: &str,
        selector: &VectorSelector,
        index: usize,
        place: Option<&std::ops::Range<usize>>,
    ) -> Flow {
        match self.vocabulary.lookup(name) {
            _ if is_variable(name) => foreign(selector),
            Known::Series(metric, part) => self.series(selector, metric, part, index, place),
            _ if self.recorded.contains_key(name) => self.recorded(selector, name, index),
            Known::Unknown => {
                let suggestion = self.vocabulary.suggestion(name);
                let nearest = suggestion.map(|nearest| format!("; did you mean `{nearest}`?")).unwrap_or_default();
                let message = format!("selects `{name}`, which the contract does not have{nearest}");
                self.find(&catalog::UNKNOWN_METRIC, name, message, place);
                foreign(selector)
            }
            Known::Foreign => foreign(selector),
        }
    }

    /// The series of several names, of which each may lack what another has.
    fn alternatives(
        &mut self,
        names: &[&str],
        selector: &VectorSelector,
        index: usize,
        place: Option<&std::ops::Range<usize>>,
    ) -> Flow {
        for name in names {
            match self.vocabulary.lookup(name) {
                Known::Series(metric, _) => drop(self.used.insert(metric.name.clone())),
                Known::Unknown => drop(self.named(name, selector, index, place)),
                Known::Foreign => {}
            }
        }
        foreign(selector)
    }

    /// Every name that matches a pattern.
    fn names(&mut self, pattern: &Matcher, selector: &VectorSelector, place: Option<&std::ops::Range<usize>>) -> Flow {
        if is_variable(&pattern.value) {
            return foreign(selector);
        }
        let matching = self.vocabulary.series().filter(|(name, _)| pattern.is_match(name));
        let matching: Vec<_> = matching.map(|(_, metric)| metric.name.clone()).collect();
        let none = matching.is_empty() && !self.recorded.keys().any(|name| pattern.is_match(name));
        self.used.extend(matching);
        if let (true, Some(place), Some(prefix)) = (none, place, pattern::prefix(pattern))
            && matches!(self.vocabulary.lookup(prefix), Known::Unknown)
        {
            let value = &pattern.value;
            let message = format!("selects the names that match `{value}`, and the contract has none");
            self.find(&catalog::UNKNOWN_METRIC, value, message, Some(place));
        }
        foreign(selector)
    }

    fn recorded(&mut self, selector: &VectorSelector, name: &str, index: usize) -> Flow {
        let Some(mut flow) = self.recorded.get(name).cloned() else { return foreign(selector) };
        let scan = self.scan;
        let at = scan.selectors.get(index);
        for (index, matcher) in all(selector).enumerate() {
            let at = at.and_then(|at| at.matchers.get(index));
            self.expect_label(&flow, &matcher.name, "matches", at.map(|at| &at.label));
            // The values are still those of the metric that the label came from.
            let metric = flow.labels.values_of(&matcher.name).and_then(|metric| self.vocabulary.metric(metric));
            if let Some(metric) = metric {
                self.matcher(&flow, metric, Part::Whole, matcher, at);
            }
        }
        narrow(&mut flow.labels, selector);
        flow
    }

    fn series(
        &mut self,
        selector: &VectorSelector,
        metric: &OwnedMetric,
        part: Part,
        index: usize,
        place: Option<&std::ops::Range<usize>>,
    ) -> Flow {
        self.used.insert(metric.name.clone());
        if part == Part::Family {
            let name = &metric.name;
            let message =
                format!("selects `{name}`, a histogram, of which only `_bucket`, `_sum` and `_count` are there");
            self.find(&catalog::HISTOGRAM_SERIES, name, message, place);
        }
        let mut flow = Flow {
            labels: self.vocabulary.labels(metric, part),
            subject: Some(metric.name.clone()),
            ..Flow::unknown()
        };
        let scan = self.scan;
        for (at, matcher) in all(selector).enumerate() {
            let at = scan.selectors.get(index).and_then(|selector| selector.matchers.get(at));
            self.matcher(&flow, metric, part, matcher, at);
        }
        self.contradictions(metric, selector, scan.selectors.get(index));
        narrow(&mut flow.labels, selector);
        forbid_by_conditions(&mut flow.labels, metric, selector);
        let state = match (part, metric.kind) {
            (Part::Whole, MetricKind::Gauge) | (Part::Family, _) => State::Gauge,
            _ => State::Counter,
        };
        if state == State::Counter {
            flow.raw.push(Raw { metric: metric.name.clone(), selector: index, valued: false });
        }
        if state == State::Gauge && part == Part::Whole {
            flow.scale = Scale::of(metric);
        }
        // Of the family itself nothing is served, so nothing more is said of it.
        if part != Part::Family {
            flow.origin = Some(Origin { metric: metric.name.clone(), part, state });
        }
        flow
    }
}

/// All matchers, in the order in which they are written.
pub(super) fn all(selector: &VectorSelector) -> impl Iterator<Item = &Matcher> {
    selector.matchers.matchers.iter().chain(selector.matchers.or_matchers.iter().flatten())
}

fn named_at(at: &SelectorAt, selector: &VectorSelector) -> Option<std::ops::Range<usize>> {
    let index = all(selector).position(|matcher| matcher.name == "__name__")?;
    let matcher = at.matchers.get(index)?;
    let quoted = matcher.value.clone().unwrap_or_else(|| matcher.label.clone());
    Some(quoted.start + 1..quoted.end.saturating_sub(1).max(quoted.start + 1))
}

/// Series of which nothing is known but what their selector says.
fn foreign(selector: &VectorSelector) -> Flow {
    let mut flow = Flow::unknown();
    narrow(&mut flow.labels, selector);
    flow
}

/// What matchers say of the presence of labels.
fn narrow(labels: &mut LabelSet, selector: &VectorSelector) {
    for matcher in &selector.matchers.matchers {
        let known = labels.presence(&matcher.name) != Presence::Impossible && !is_variable(&matcher.name);
        if !known || is_variable(&matcher.value) || matcher.name == "__name__" {
            continue;
        }
        if !matcher.is_match("") {
            labels.require(&matcher.name);
        } else if matcher.op == MatchOp::Equal {
            labels.forbid(&matcher.name, super::Why::Lost(format!("`{}=\"\"` selects what lacks it", matcher.name)));
        }
    }
}

/// What a metric's conditions say of labels, once matchers have fixed others.
fn forbid_by_conditions(labels: &mut LabelSet, metric: &OwnedMetric, selector: &VectorSelector) {
    for label in &metric.labels {
        if labels.presence(&label.name) == Presence::Possible
            && let Some(why) = super::values::excluded(label, selector)
        {
            labels.forbid(&label.name, super::Why::Lost(why));
        }
    }
}
