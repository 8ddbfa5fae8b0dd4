//! What the labels of a contracted series are checked for: one rule, one function, in the order of the list. They
//! run where a mark, or a label that is not there, says that there is something to look for.

use std::borrow::Cow;

use super::catalog::{contract, exposition};
use super::pairs::{CONDITIONAL, EMPTY_VALUE, LOST, Marks, NAME, PAST_BUDGET, UNKNOWN_LABEL, UNKNOWN_VALUE};
use super::sample::Seen;
use super::words;
use crate::contract::owned::{OwnedCondition, OwnedLabel, OwnedValues};
use crate::declare::label::OVERFLOW;
use crate::report::Report;
use crate::tools::scrape::Format;
use crate::tools::scrape::event::LabelPair;

type Rule = fn(&Seen<'_>, &mut Report);

const RULES: [(Marks, Rule); 7] = [
    (UNKNOWN_LABEL, unknown),
    (CONDITIONAL, condition),
    (EMPTY_VALUE, empty),
    (UNKNOWN_VALUE, unknown_value),
    (LOST, lost),
    (PAST_BUDGET, past_budget),
    (NAME, reserved),
];

/// Every rule that has something to look for.
#[inline]
pub(super) fn check(seen: &Seen<'_>, report: &mut Report) {
    let required = seen.promise.map_or(0, |promise| promise.required);
    let many = seen.promise.is_some_and(|promise| promise.metric.labels.len() > 64);
    if seen.labels.present & required != required || many {
        missing(seen, report);
    }
    if seen.labels.marks != 0 {
        let marked = RULES.iter().filter(|(mark, _)| seen.labels.marks & mark != 0);
        marked.for_each(|(_, rule)| rule(seen, report));
    }
}

/// The labels that have a mark, with the contract's label.
fn marked<'a>(seen: &Seen<'a>, mark: Marks) -> impl Iterator<Item = (LabelPair<'a>, Option<&'a OwnedLabel>)> {
    let pairs = seen.pairs;
    let promise = seen.promise;
    let labels = seen.sample.labels.iter().enumerate();
    labels.filter_map(move |(place, label)| {
        let pair = pairs.get(place).filter(|pair| pair.marks & mark != 0)?;
        Some((label, promise.and_then(|promise| promise.metric.labels.get(pair.label?))))
    })
}

/// The value of the label of this name, where it has one.
fn value_of<'a>(seen: &Seen<'a>, name: &str) -> Option<Cow<'a, str>> {
    let value = seen.sample.labels.get(name)?;
    Some(value.unescaped()).filter(|value| !value.is_empty())
}

/// Every label that is not conditional is there.
fn missing(seen: &Seen<'_>, report: &mut Report) {
    let Some(promise) = seen.promise else { return };
    let required = promise.metric.labels.iter().filter(|label| !label.conditional);
    let missing = required.filter(|label| seen.sample.labels.get(&label.name).is_none());
    let missing: Vec<&str> = missing.map(|label| label.name.as_str()).collect();
    if let [first, others @ ..] = missing.as_slice() {
        let others: String = others.iter().map(|other| format!(", `{other}`")).collect();
        let message = format!("the series lacks `{first}`{others}");
        report.push(seen.at_name(contract::LABEL_MISSING.finding(seen.subject(), message)));
    }
}

/// There is no label that the contract does not have.
fn unknown(seen: &Seen<'_>, report: &mut Report) {
    let Some(promise) = seen.promise else { return };
    for (label, _) in marked(seen, UNKNOWN_LABEL) {
        let name = label.name.unescaped();
        let missing = promise.metric.labels.iter().filter(|known| seen.sample.labels.get(&known.name).is_none());
        let message = words::unknown_label(&name, missing.map(|label| label.name.as_str()));
        let finding = contract::LABEL_UNKNOWN.finding(seen.subject(), message);
        report.push(finding.at(seen.line.at(label.name.span())));
    }
}

/// A conditional label is where it applies.
fn condition(seen: &Seen<'_>, report: &mut Report) {
    for (label, known) in marked(seen, CONDITIONAL) {
        let Some(known) = known.filter(|_| !label.value.raw().is_empty()) else { continue };
        for condition in &known.conditions {
            let message = match condition {
                OwnedCondition::OnlyWith { label: other, values } => match value_of(seen, other) {
                    Some(value) if value == OVERFLOW || values.iter().any(|known| *known == value) => continue,
                    found => {
                        let found = found.map_or("is absent".to_owned(), |value| format!("is \"{value}\""));
                        format!("{}, and `{other}` {found}", words::only_with(&known.name, other, values))
                    }
                },
                OwnedCondition::NotWith { label: other } => match value_of(seen, other) {
                    None => continue,
                    Some(_) => words::not_with(&known.name, other),
                },
            };
            let finding = contract::LABEL_CONDITION.finding(seen.subject(), message);
            report.push(finding.at(seen.line.at(label.name.span())));
        }
    }
}

/// A label of the contract has a value.
fn empty(seen: &Seen<'_>, report: &mut Report) {
    for (label, known) in marked(seen, EMPTY_VALUE) {
        let Some(known) = known else { continue };
        let expected = match known.conditional {
            true => "expected no such label where it does not apply",
            false => "expected a value",
        };
        let message = format!("`{}` is empty; {expected}", known.name);
        let finding = contract::LABEL_EMPTY.finding(seen.subject(), message);
        report.push(finding.at(seen.line.at(label.name.span().start..label.value.span().end + 1)));
    }
}

/// A value is one of the closed set.
fn unknown_value(seen: &Seen<'_>, report: &mut Report) {
    for (label, known) in marked(seen, UNKNOWN_VALUE) {
        let Some(OwnedLabel { name, values: OwnedValues::Closed(values), .. }) = known else { continue };
        let message = words::unknown_value(name, &label.value.unescaped(), values);
        let finding = contract::VALUE_UNKNOWN.finding(seen.subject(), message);
        let finding = finding.help(words::values_help(name, values));
        report.push(finding.at(seen.line.at(label.value.span())));
    }
}

/// No detail was lost to a limit.
fn lost(seen: &Seen<'_>, report: &mut Report) {
    let mut lost = marked(seen, LOST);
    let Some((label, _)) = lost.next() else { return };
    // Past the limit of series, all labels have the value.
    let all = lost.next().is_some();
    let message = match all {
        true => "the limit of series was reached: what was recorded past it is summed up here".to_owned(),
        false => format!("values of `{}` were lost to its budget, and are summed up here", label.name.raw()),
    };
    // A histogram says it once, and not on every line.
    if !matches!(seen.suffix, "_bucket" | "_sum") {
        let finding = contract::VALUE_OVERFLOW.finding(seen.subject(), message);
        report.push(finding.at(seen.line.at(label.value.span())));
    }
}

/// There are no more values than the budget allows.
fn past_budget(seen: &Seen<'_>, report: &mut Report) {
    for (label, known) in marked(seen, PAST_BUDGET) {
        let Some(OwnedLabel { name, values: OwnedValues::Open { budget }, .. }) = known else { continue };
        let message = format!("`{name}` has more than {budget} values, and this is the first past its budget");
        let finding = contract::BUDGET.finding(seen.subject(), message);
        report.push(finding.at(seen.line.at(label.value.span())));
    }
}

/// Names with two underscores are Prometheus's, and those with one OpenMetrics'.
fn reserved(seen: &Seen<'_>, report: &mut Report) {
    let (prefix, told) = match seen.family.format {
        Format::OpenMetrics => ("_", "an underscore, which OpenMetrics reserves"),
        Format::Text => ("__", "two underscores"),
    };
    for (label, _) in marked(seen, NAME).filter(|(label, _)| label.name.raw().starts_with(prefix)) {
        let message = format!("the label name `{}` begins with {told}", label.name.raw());
        let finding = exposition::LABEL_RESERVED.finding(seen.subject(), message);
        report.push(finding.at(seen.line.at(label.name.span())));
    }
}
