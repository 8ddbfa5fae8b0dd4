//! Matchers against the values that the contract allows.

use promql_parser::label::MatchOp;

use super::{Analyzer, LabelState};
use crate::contract::owned::{OwnedCondition, OwnedLabel, OwnedMetric, OwnedValues};
use crate::declare::label::OVERFLOW;
use crate::report::nearest::did_you_mean;
use crate::tools::promql::{Matcher, Place, Selector};
use crate::tools::rules::catalog;
use crate::tools::rules::known_metrics::Part;
use crate::tools::rules::variables::{is_variable, variable};

impl Analyzer<'_> {
    pub(super) fn matcher(&mut self, state: &LabelState, metric: &OwnedMetric, part: Part, matcher: &Matcher) {
        if matcher.name == "__name__" || is_variable(&matcher.name) {
            return;
        }
        if state.labels.lacks(&matcher.name) {
            self.expect_label(state, &matcher.name, "matches", &matcher.label);
        } else if matcher.name == "le" && part == Part::Bucket {
            self.bound(metric, matcher);
        } else if let Some(label) = metric.label(&matcher.name) {
            self.value(metric, label, matcher);
        }
    }

    /// A bucket is named by its upper bound.
    fn bound(&mut self, metric: &OwnedMetric, matcher: &Matcher) {
        let value = &matcher.value;
        if is_variable(value) || metric.buckets.is_empty() {
            return;
        }
        let bounds = || metric.buckets.iter().copied().chain([f64::INFINITY]);
        let is_known = match &matcher.op {
            // A value that no series has excludes nothing.
            MatchOp::NotRe(_) => true,
            MatchOp::NotEqual => value.is_empty() || bounds().flat_map(spellings).any(|spelling| spelling == *value),
            MatchOp::Equal | MatchOp::Re(_) => bounds().flat_map(spellings).any(|spelling| matcher.is_match(&spelling)),
        };
        if !is_known {
            let meant = bounds().find(|bound| value.parse() == Ok(*bound));
            let meant = meant.and_then(|bound| spellings(bound).into_iter().next());
            let meant = meant.map(|bound| format!("; it is written `{bound}`")).unwrap_or_default();
            let bounds = metric.buckets.iter().map(f64::to_string).chain(["+Inf".to_owned()]);
            let (name, bounds) = (&metric.name, quoted(bounds, ", "));
            let message = format!("selects the bucket `{value}` of `{name}`, whose bounds are {bounds}{meant}");
            self.find(&catalog::UNKNOWN_VALUE, name, &message, &matcher.value_place);
        }
    }

    fn value(&mut self, metric: &OwnedMetric, label: &OwnedLabel, matcher: &Matcher) {
        let (name, value) = (&metric.name, &matcher.value);
        if value.is_empty() && matcher.op == MatchOp::Equal && !label.conditional {
            let message = format!("selects `{name}` without `{}`, which every series has", label.name);
            return self.find(&catalog::UNKNOWN_VALUE, name, &message, &matcher.value_place);
        }
        if matches!(label.values, OwnedValues::Open { .. }) {
            return;
        }
        if is_variable(value) {
            return self.options(metric, label, matcher);
        }
        let dead = dead_alternative(value, &allowed(label));
        if let Some(message) = wrong_value(name, label, matcher, dead) {
            // In a long alternation, the finding is about the value that is wrong.
            let part = dead.filter(|dead| dead.len() < value.len()).unwrap_or(value);
            let place = self.within(&matcher.value_place, part);
            self.find(&catalog::UNKNOWN_VALUE, name, &message, &place);
        }
    }

    /// The bytes with this text, or the whole place.
    fn within(&self, place: &Place, part: &str) -> Place {
        let text = self.parsed.text.text.value.get(place.clone()).unwrap_or_default();
        text.find(part).map_or(place.clone(), |at| place.start + at..place.start + at + part.len())
    }

    /// The options of a variable that lists them, each of which may become the value.
    fn options(&mut self, metric: &OwnedMetric, label: &OwnedLabel, matcher: &Matcher) {
        let query = &self.parsed.query;
        let written = self.file.file.text.get(self.parsed.in_file(&matcher.value_place)).unwrap_or_default();
        let Some((name, _)) = variable(written).filter(|(_, length)| *length == written.len()) else { return };
        let options = query.variables.as_ref().and_then(|known| known.get(name)).map_or(&[][..], Vec::as_slice);
        let values = allowed(label);
        // An option that is a pattern is not checked.
        let is_wrong = |option: &&String| is_plain(option) && !values.contains(&option.as_str());
        if let Some(wrong) = options.iter().find(is_wrong) {
            let nearest = did_you_mean(wrong, closed_values(label).iter().map(String::as_str));
            let (label, metric) = (&label.name, &metric.name);
            let variable = format!("matches `{label}` with the variable `{name}`");
            let message = format!("{variable}, of which `{wrong}` is an option that `{metric}` never has{nearest}");
            self.find(&catalog::UNKNOWN_VALUE, metric, &message, &matcher.value_place);
        }
    }

    /// Reports matchers that no series can all pass.
    pub(super) fn contradictions(&mut self, metric: &OwnedMetric, selector: &Selector) {
        for label in &metric.labels {
            let name = &label.name;
            let mut matchers = selector.required().iter().filter(|matcher| matcher.name == *name);
            let Some(last) = matchers.next_back() else { continue };
            let message = if is_required(name, selector)
                && let Some(why) = excluded(label, selector)
            {
                format!("selects series with `{name}`, and none has it: {why}")
            } else if matchers.next_back().is_some() && nothing_left(label, selector) {
                format!("matches `{name}` in ways that exclude each other")
            } else {
                continue;
            };
            // Two labels that exclude each other are one mistake.
            return self.find(&catalog::CONTRADICTION, &metric.name, &message, &last.label);
        }
    }
}

/// What is wrong with a matcher of a label with closed values; `dead` is an alternative of it that is not a value.
fn wrong_value(metric: &str, label: &OwnedLabel, matcher: &Matcher, dead: Option<&str>) -> Option<String> {
    let (closed, values) = (closed_values(label), allowed(label));
    let (name, value) = (&label.name, matcher.value.as_str());
    let one_of = quoted(closed.iter().cloned(), ", ");
    let nearest = |value: &str| did_you_mean(value, closed.iter().map(String::as_str));
    let matching = values.iter().filter(|value| matcher.is_match(value)).count();
    Some(match &matcher.op {
        MatchOp::Equal | MatchOp::NotEqual if value.is_empty() || values.contains(&value) => return None,
        MatchOp::Equal => {
            format!("matches `{name}=\"{value}\"`, and `{metric}` has only {one_of}{}", nearest(value))
        }
        MatchOp::NotEqual => {
            let excludes = format!("excludes `{name}=\"{value}\"`, which `{metric}` never has");
            format!("{excludes}: it has {one_of}{}", nearest(value))
        }
        MatchOp::Re(_) if matching == 0 => {
            format!("matches `{name}=~\"{value}\"`, which none of the values of `{metric}` does: {one_of}")
        }
        MatchOp::NotRe(_) if matching == 0 => {
            format!("excludes with `{name}!~\"{value}\"` all values of `{metric}`: {one_of}")
        }
        MatchOp::Re(_) | MatchOp::NotRe(_) if dead.is_some() => {
            let dead = dead.unwrap_or_default();
            format!("names `{dead}` in `{name}` among others, and `{metric}` has only {one_of}{}", nearest(dead))
        }
        MatchOp::NotRe(_) if matching == values.len() => {
            format!("excludes with `{name}!~\"{value}\"` none of the values of `{metric}`: {one_of}")
        }
        MatchOp::Re(_) | MatchOp::NotRe(_) => return None,
    })
}

/// Words in code quotes: "`a`, `b`".
fn quoted(words: impl Iterator<Item = String>, separator: &str) -> String {
    words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(separator)
}

/// The spellings of a bound in a scrape: client libraries and versions of Prometheus differ.
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

fn closed_values(label: &OwnedLabel) -> &[String] {
    match &label.values {
        OwnedValues::Closed(values) => values,
        OwnedValues::Open { .. } => &[],
    }
}

/// The values that a closed label can have in a scrape; an absent label has the empty value.
fn allowed(label: &OwnedLabel) -> Vec<&str> {
    let absent = label.conditional.then_some("");
    let closed = closed_values(label).iter().map(String::as_str);
    closed.chain([OVERFLOW]).chain(absent).collect()
}

/// Whether a text has no character with a special meaning in a pattern.
fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// The first alternative of a pattern of plain words that is not one of the values.
fn dead_alternative<'a>(pattern: &'a str, values: &[&str]) -> Option<&'a str> {
    let inner = pattern.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(pattern);
    let words: Vec<_> = inner.split('|').collect();
    let all_plain = words.iter().all(|word| is_plain(word));
    words.into_iter().find(|word| all_plain && !word.is_empty() && !values.contains(word))
}

/// Whether a selector selects only series that have the label.
fn is_required(label: &str, selector: &Selector) -> bool {
    matchers(label, selector).any(|matcher| !matcher.is_match(""))
}

/// Why a conditional label cannot be on the series of a selector.
pub(super) fn excluded(label: &OwnedLabel, selector: &Selector) -> Option<String> {
    label.conditions.iter().find_map(|condition| match condition {
        OwnedCondition::OnlyWith { label: other, values } => {
            let passes = |value: &String| matchers(other, selector).all(|matcher| matcher.is_match(value));
            let possible = values.iter().any(passes);
            let values = quoted(values.iter().cloned(), " or ");
            (!possible).then(|| format!("`{}` is only there where `{other}` is {values}", label.name))
        }
        OwnedCondition::NotWith { label: other } => {
            is_required(other, selector).then(|| format!("`{}` and `{other}` are never both there", label.name))
        }
    })
}

/// The matchers of a label whose values are known.
fn matchers<'a>(label: &'a str, selector: &'a Selector) -> impl Iterator<Item = &'a Matcher> {
    selector.required().iter().filter(move |matcher| matcher.name == label && !is_variable(&matcher.value))
}

/// Whether no value passes all matchers of a label, though each lets some pass.
fn nothing_left(label: &OwnedLabel, selector: &Selector) -> bool {
    let matchers: Vec<_> = matchers(&label.name, selector).collect();
    let equal = matchers.iter().filter(|matcher| matcher.op == MatchOp::Equal).map(|matcher| matcher.value.as_str());
    // Of an open set, only the values in the matchers can be tried.
    let open = matches!(label.values, OwnedValues::Open { .. });
    let candidates: Vec<&str> = if open { equal.collect() } else { allowed(label) };
    let passes = |value: &&str, matchers: &[&Matcher]| matchers.iter().all(|matcher| matcher.is_match(value));
    let each_alone = matchers.iter().all(|matcher| open || candidates.iter().any(|value| matcher.is_match(value)));
    !candidates.is_empty() && each_alone && !candidates.iter().any(|value| passes(value, &matchers))
}
