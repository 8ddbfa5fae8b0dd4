//! Matchers against the values that the contract allows.

use std::ops::Range;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::VectorSelector;

use super::{Flow, Presence, Walk, selector};
use crate::contract::owned::{OwnedCondition, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::label::OVERFLOW;
use crate::report::nearest::did_you_mean;
use crate::tools::promql::{MatcherAt, SelectorAt};
use crate::tools::rules::catalog;
use crate::tools::rules::variables::{is_variable, variable};
use crate::tools::rules::vocabulary::Part;

impl Walk<'_> {
    /// One matcher of a selector of a contracted metric.
    pub(super) fn matcher(
        &mut self,
        flow: &Flow,
        metric: &OwnedMetric,
        part: Part,
        matcher: &Matcher,
        at: Option<&MatcherAt>,
    ) {
        if matcher.name == "__name__" || is_variable(&matcher.name) {
            return;
        }
        if flow.labels.presence(&matcher.name) == Presence::Impossible {
            self.expect_label(flow, &matcher.name, "matches", at.map(|at| &at.label));
            return;
        }
        let place = at.and_then(|at| at.value.clone()).map(inside);
        if matcher.name == "le" && part == Part::Bucket {
            self.bound(metric, matcher, place.as_ref());
        } else if let Some(label) = metric.label(&matcher.name) {
            self.value(metric, label, matcher, place.as_ref());
        }
    }

    /// A bucket is named by its upper bound.
    fn bound(&mut self, metric: &OwnedMetric, matcher: &Matcher, place: Option<&Range<usize>>) {
        let value = &matcher.value;
        if is_variable(value) || metric.buckets.is_empty() {
            return;
        }
        let mut spelled = metric.buckets.iter().chain(&[f64::INFINITY]).flat_map(|bound| spellings(*bound));
        let known = match &matcher.op {
            MatchOp::Equal => spelled.any(|spelling| spelling == *value),
            // What is not there is excluded from nothing.
            MatchOp::NotEqual => value.is_empty() || spelled.any(|spelling| spelling == *value),
            MatchOp::Re(_) => spelled.any(|spelling| matcher.is_match(&spelling)),
            MatchOp::NotRe(_) => true,
        };
        if !known {
            let same = |bound: &&f64| value.parse::<f64>().is_ok_and(|value| value == **bound);
            let meant = metric.buckets.iter().chain(&[f64::INFINITY]).find(same);
            let meant = meant.and_then(|bound| spellings(*bound).into_iter().next());
            let meant = meant.map(|bound| format!("; it is written `{bound}`")).unwrap_or_default();
            let message = format!(
                "selects the bucket `{value}` of `{}`, whose bounds are {}{meant}",
                metric.name,
                list(&metric.buckets)
            );
            self.find(&catalog::UNKNOWN_VALUE, &metric.name, message, place);
        }
    }

    fn value(&mut self, metric: &OwnedMetric, label: &OwnedLabel, matcher: &Matcher, place: Option<&Range<usize>>) {
        let values = allowed(label);
        let empty_matters = matcher.value.is_empty() && matcher.op == MatchOp::Equal;
        if empty_matters && !label.conditional {
            let message = format!("wants `{}` without `{}`, which every series has", metric.name, label.name);
            return self.find(&catalog::UNKNOWN_VALUE, &metric.name, message, place);
        }
        let OwnedValues::Closed(closed) = &label.values else { return };
        if is_variable(&matcher.value) {
            return self.options(metric, label, closed, place);
        }
        let (metric, label) = (metric.name.as_str(), label.name.as_str());
        let one_of = || closed.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
        let matching = values.iter().filter(|value| matcher.is_match(value)).count();
        let value = &matcher.value;
        let message = match &matcher.op {
            MatchOp::Equal | MatchOp::NotEqual if value.is_empty() => return,
            MatchOp::Equal | MatchOp::NotEqual if values.contains(&value.as_str()) => return,
            MatchOp::Equal => {
                let nearest = hint(value, closed);
                format!("matches `{label}=\"{value}\"`, and `{metric}` has only {}{nearest}", one_of())
            }
            MatchOp::NotEqual => {
                let nearest = hint(value, closed);
                format!("excludes `{label}=\"{value}\"`, which `{metric}` never has: it has {}{nearest}", one_of())
            }
            MatchOp::Re(_) if matching == 0 => {
                format!("matches `{label}=~\"{value}\"`, which none of the values of `{metric}` does: {}", one_of())
            }
            MatchOp::NotRe(_) if matching == 0 => {
                format!("excludes with `{label}!~\"{value}\"` all values of `{metric}`: {}", one_of())
            }
            MatchOp::Re(_) | MatchOp::NotRe(_) => match dead_alternative(value, &values) {
                Some(dead) => {
                    let nearest = hint(dead, closed);
                    format!("names `{dead}` in `{label}` among others, and `{metric}` has only {}{nearest}", one_of())
                }
                None if matches!(matcher.op, MatchOp::NotRe(_)) && matching == values.len() => {
                    format!("excludes with `{label}!~\"{value}\"` none of the values of `{metric}`: {}", one_of())
                }
                None => return,
            },
        };
        // A long alternation is pointed at where it is wrong.
        let dead = dead_alternative(value, &values).filter(|dead| dead.len() < value.len());
        let place = place.map(|place| self.within(place, dead.unwrap_or(value)));
        self.find(&catalog::UNKNOWN_VALUE, metric, message, place.as_ref());
    }

    /// The bytes of a place that read so, if it is there once; else all of it.
    fn within(&self, place: &Range<usize>, part: &str) -> Range<usize> {
        let text = self.text.text.get(place.clone()).unwrap_or_default();
        text.find(part).map_or(place.clone(), |at| place.start + at..place.start + at + part.len())
    }

    /// The options of a variable that lists them, each of which may become the value.
    fn options(&mut self, metric: &OwnedMetric, label: &OwnedLabel, closed: &[String], place: Option<&Range<usize>>) {
        let Some(place) = place else { return };
        let written = self.query.expr.value.get(self.text.written(place)).unwrap_or_default();
        let known = self.query.variables.as_ref();
        let name = variable(written).filter(|(_, length)| *length == written.len()).map(|(name, _)| name);
        let options = name.and_then(|name| known?.options.get(name)).map(Vec::as_slice).unwrap_or_default();
        let values = allowed(label);
        // An option may be a pattern, of which nothing is said here.
        let plain = |option: &&String| option.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        let wrong = options.iter().filter(plain).find(|option| !values.contains(&option.as_str()));
        if let (Some(wrong), Some(name)) = (wrong, name) {
            let nearest = hint(wrong, closed);
            let message = format!(
                "matches `{}` with the variable `{name}`, of which `{wrong}` is an option that `{}` never has{nearest}",
                label.name, metric.name
            );
            let place = place.clone();
            self.find(&catalog::UNKNOWN_VALUE, &metric.name, message, Some(&place));
        }
    }

    /// Matchers that no series can have all.
    pub(super) fn contradictions(&mut self, metric: &OwnedMetric, selected: &VectorSelector, at: Option<&SelectorAt>) {
        if !selected.matchers.or_matchers.is_empty() {
            return;
        }
        for label in &metric.labels {
            let matchers = || selector::all(selected).enumerate().filter(|(_, matcher)| matcher.name == label.name);
            let Some((index, _)) = matchers().last() else { continue };
            let place = at.and_then(|at| at.matchers.get(index)).map(|matcher| matcher.label.clone());
            let name = &label.name;
            let message = if present(&label.name, selected)
                && let Some(why) = excluded(label, selected)
            {
                format!("selects series with `{name}`, and none has it: {why}")
            } else if matchers().count() > 1 && nothing_left(label, selected) {
                format!("matches `{name}` in ways that exclude each other")
            } else {
                continue;
            };
            // Two labels that exclude each other are one mistake.
            return self.find(&catalog::CONTRADICTION, &metric.name, message, place.as_ref());
        }
    }
}

/// What is between the quotes.
fn inside(quoted: Range<usize>) -> Range<usize> {
    quoted.start + 1..quoted.end.saturating_sub(1).max(quoted.start + 1)
}

fn list(bounds: &[f64]) -> String {
    bounds.iter().map(|bound| format!("`{bound}`")).chain(["`+Inf`".to_owned()]).collect::<Vec<_>>().join(", ")
}

/// How a bound is written in a scrape: each library of Prometheus and each of its versions has a way of its own.
fn spellings(bound: f64) -> Vec<String> {
    if bound == f64::INFINITY {
        return vec!["+Inf".to_owned()];
    }
    let scientific = format!("{bound:e}");
    let scientific = scientific.split_once('e').and_then(|(mantissa, exponent)| {
        let exponent: i32 = exponent.parse().ok()?;
        let sign = if exponent < 0 { '-' } else { '+' };
        Some(format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs()))
    });
    [format!("{bound}"), format!("{bound:.1}")]
        .into_iter()
        .filter(|spelling| spelling.parse() == Ok(bound))
        .chain(scientific)
        .collect()
}

fn hint(value: &str, closed: &[String]) -> String {
    did_you_mean(value, closed.iter().map(String::as_str))
}

/// The values that a closed label can have in a scrape: absent is the empty one.
fn allowed(label: &OwnedLabel) -> Vec<&str> {
    let closed: &[_] = match &label.values {
        OwnedValues::Closed(values) => values,
        OwnedValues::Open { .. } => &[],
    };
    let absent = label.conditional.then_some("");
    closed.iter().map(String::as_str).chain([OVERFLOW]).chain(absent).collect()
}

/// The first alternative of a pattern of plain words that is none of the values.
fn dead_alternative<'a>(pattern: &'a str, values: &[&str]) -> Option<&'a str> {
    let inner = pattern.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(pattern);
    let plain = |word: &str| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let words: Vec<_> = inner.split('|').collect();
    let all_plain = words.iter().all(|word| plain(word));
    words.into_iter().find(|word| all_plain && !word.is_empty() && !values.contains(word))
}

/// Whether a selector's matchers let only series pass that have the label.
fn present(label: &str, selected: &VectorSelector) -> bool {
    let mut matchers = selected.matchers.matchers.iter().filter(|matcher| matcher.name == label);
    matchers.any(|matcher| !is_variable(&matcher.value) && !matcher.is_match(""))
}

/// Why a conditional label cannot be on what a selector selects.
pub(super) fn excluded(label: &OwnedLabel, selected: &VectorSelector) -> Option<String> {
    label.conditions.iter().find_map(|condition| match condition {
        OwnedCondition::OnlyWith { label: other, values } => {
            let matchers: Vec<_> = matchers(other, selected).collect();
            let possible = values.iter().any(|value| matchers.iter().all(|matcher| matcher.is_match(value)));
            let values = values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" or ");
            (!possible).then(|| format!("`{}` is only there where `{other}` is {values}", label.name))
        }
        OwnedCondition::NotWith { label: other } => {
            present(other, selected).then(|| format!("`{}` and `{other}` are never both there", label.name))
        }
    })
}

/// The matchers of a label whose values are known.
fn matchers<'a>(label: &'a str, selected: &'a VectorSelector) -> impl Iterator<Item = &'a Matcher> {
    let matchers = selected.matchers.matchers.iter();
    matchers.filter(move |matcher| matcher.name == label && !is_variable(&matcher.value))
}

/// Whether no value passes all matchers of a label, though each lets some pass.
fn nothing_left(label: &OwnedLabel, selected: &VectorSelector) -> bool {
    let matchers: Vec<_> = matchers(&label.name, selected).collect();
    let equal = matchers.iter().filter(|matcher| matcher.op == MatchOp::Equal).map(|matcher| matcher.value.as_str());
    // Of an open set, the values that matchers name are all that can be tried.
    let open = matches!(label.values, OwnedValues::Open { .. });
    let candidates: Vec<&str> = if open { equal.collect() } else { allowed(label) };
    let passes = |value: &&str, matchers: &[&Matcher]| matchers.iter().all(|matcher| matcher.is_match(value));
    let each_alone = matchers.iter().all(|matcher| open || candidates.iter().any(|value| matcher.is_match(value)));
    !candidates.is_empty() && each_alone && !candidates.iter().any(|value| passes(value, &matchers))
}
