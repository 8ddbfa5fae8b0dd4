//! The rules of the labels of a contracted series, in the order of the list. A rule runs only if a flag of the line, or
//! an absent label, asks for it.

use super::catalog::{contract, exposition};
use super::context::Context;
use super::labels::{CONDITIONAL, EMPTY_VALUE, Flags, LOST, NAME, PAST_BUDGET, UNKNOWN_LABEL, UNKNOWN_VALUE};
use super::messages;
use crate::contract::owned::{OwnedCondition, OwnedLabel, OwnedValues};
use crate::declare::label::OVERFLOW;
use crate::report::Report;
use crate::report::nearest::did_you_mean;
use crate::tools::scrape::Format;
use crate::tools::scrape::event::LabelPair;

type Rule = fn(&Context<'_>, &mut Report);

const RULES: [(Flags, Rule); 7] = [
    (UNKNOWN_LABEL, unknown),
    (CONDITIONAL, condition),
    (EMPTY_VALUE, empty),
    (UNKNOWN_VALUE, unknown_value),
    (LOST, lost),
    (PAST_BUDGET, past_budget),
    (NAME, reserved),
];

#[inline]
pub(super) fn check(context: &Context<'_>, report: &mut Report) {
    let required = context.expectation.map_or(0, |expectation| expectation.required);
    let many = context.expectation.is_some_and(|expectation| expectation.metric.labels.len() > 64);
    if context.set.present & required != required || many {
        missing(context, report);
    }
    if context.set.flags != 0 {
        let flagged = RULES.iter().filter(|(flag, _)| context.set.flags & flag != 0);
        flagged.for_each(|(_, rule)| rule(context, report));
    }
}

/// The labels with a flag, each with the contract's label.
fn flagged<'a>(context: &Context<'a>, flag: Flags) -> impl Iterator<Item = (LabelPair<'a>, Option<&'a OwnedLabel>)> {
    let (labels, expectation) = (context.labels, context.expectation);
    context.sample.labels.iter().enumerate().filter_map(move |(index, label)| {
        let known = labels.known.get(index).filter(|known| known.flags & flag != 0)?;
        Some((label, expectation.and_then(|expectation| expectation.metric.labels.get(known.label?))))
    })
}

/// Every required label is there.
fn missing(context: &Context<'_>, report: &mut Report) {
    let Some(expectation) = context.expectation else { return };
    let missing = expectation.metric.required_labels().filter(|label| context.sample.labels.get(&label.name).is_none());
    let missing: Vec<_> = missing.map(|label| format!("`{}`", label.name)).collect();
    if !missing.is_empty() {
        let message = format!("the series lacks {}", missing.join(", "));
        report.push(context.at_name(&contract::LABEL_MISSING, message));
    }
}

/// Every label is in the contract.
fn unknown(context: &Context<'_>, report: &mut Report) {
    let Some(expectation) = context.expectation else { return };
    for (label, _) in flagged(context, UNKNOWN_LABEL) {
        let missing = expectation.metric.labels.iter().filter(|known| context.sample.labels.get(&known.name).is_none());
        let name = label.name.unescaped();
        let nearest = did_you_mean(&name, missing.map(|label| label.name.as_str()));
        let message = format!("the contract does not have the label `{name}` on it{nearest}");
        report.push(context.at(label.name.span(), &contract::LABEL_UNKNOWN, message));
    }
}

/// A conditional label is where it applies.
fn condition(context: &Context<'_>, report: &mut Report) {
    for (label, known) in flagged(context, CONDITIONAL) {
        let Some(known) = known.filter(|_| !label.value.raw().is_empty()) else { continue };
        for condition in &known.conditions {
            let message = match condition {
                OwnedCondition::OnlyWith { label: other, values } => match context.value_of(other) {
                    Some(value) if value == OVERFLOW || values.iter().any(|known| *known == value) => continue,
                    found => {
                        let found = found.map_or("is absent".to_owned(), |value| format!("is \"{value}\""));
                        format!("{}, and `{other}` {found}", messages::only_with(&known.name, other, values))
                    }
                },
                OwnedCondition::NotWith { label: other } if context.value_of(other).is_some() => {
                    messages::not_with(&known.name, other)
                }
                OwnedCondition::NotWith { .. } => continue,
            };
            report.push(context.at(label.name.span(), &contract::LABEL_CONDITION, message));
        }
    }
}

/// A label of the contract has a value.
fn empty(context: &Context<'_>, report: &mut Report) {
    for (label, known) in flagged(context, EMPTY_VALUE) {
        let Some(known) = known else { continue };
        let expected = match known.conditional {
            true => "expected no such label where it does not apply",
            false => "expected a value",
        };
        let message = format!("`{}` is empty; {expected}", known.name);
        let span = label.name.span().start..label.value.span().end + 1;
        report.push(context.at(span, &contract::LABEL_EMPTY, message));
    }
}

/// A value is in the closed set.
fn unknown_value(context: &Context<'_>, report: &mut Report) {
    for (label, known) in flagged(context, UNKNOWN_VALUE) {
        let Some(OwnedLabel { name, values: OwnedValues::Closed(values), .. }) = known else { continue };
        let message = messages::unknown_value(name, &label.value.unescaped(), values);
        let finding = context.at(label.value.span(), &contract::VALUE_UNKNOWN, message);
        report.push(finding.help(messages::values_help(name, values)));
    }
}

/// No detail was lost to a limit.
fn lost(context: &Context<'_>, report: &mut Report) {
    let mut lost = flagged(context, LOST);
    let Some((label, _)) = lost.next() else { return };
    // Past the series limit, every label has the value.
    let message = match lost.next() {
        Some(_) => "the series limit was reached: this series counts everything past it".to_owned(),
        None => format!("values of `{}` past its budget are recorded here", label.name.raw()),
    };
    // A histogram reports it once, and not on every line.
    if !matches!(context.suffix, "_bucket" | "_sum") {
        report.push(context.at(label.value.span(), &contract::VALUE_OVERFLOW, message));
    }
}

/// There are no more values than the budget.
fn past_budget(context: &Context<'_>, report: &mut Report) {
    for (label, known) in flagged(context, PAST_BUDGET) {
        let Some(OwnedLabel { name, values: OwnedValues::Open { budget }, .. }) = known else { continue };
        let message = format!("`{name}` has more than {budget} values; this is the first past its budget");
        report.push(context.at(label.value.span(), &contract::BUDGET, message));
    }
}

/// Prometheus reserves names with two underscores, OpenMetrics those with one.
fn reserved(context: &Context<'_>, report: &mut Report) {
    let (prefix, what) = match context.family.format {
        Format::OpenMetrics => ("_", "an underscore, which OpenMetrics reserves"),
        Format::Text => ("__", "two underscores"),
    };
    for (label, _) in flagged(context, NAME).filter(|(label, _)| label.name.raw().starts_with(prefix)) {
        let message = format!("the label name `{}` begins with {what}", label.name.raw());
        report.push(context.at(label.name.span(), &exposition::LABEL_RESERVED, message));
    }
}
