//! The table of changes: every kind of change, its class, and why.

mod labels;
mod metrics;
mod verdicts;

pub(super) use labels::*;
pub(super) use metrics::*;
pub(super) use verdicts::*;

use super::Class;
use crate::report::finding::Rule;

/// One row of the table: a kind of change, its class, and the rule whose meaning says why.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Row {
    /// What such a change does to consumers.
    pub class: Class,
    /// The rule by which such a change is reported.
    pub rule: Rule,
}

/// Every kind of change, in the order in which the documentation lists them.
pub(super) static TABLE: [&Row; 35] = [
    &CONTRACT_RENAMED,
    &VERSION_CHANGED,
    &DOC_CHANGED,
    &METRIC_REMOVED,
    &METRIC_RENAMED,
    &METRIC_ADDED,
    &METRIC_ORDER_CHANGED,
    &KIND_CHANGED,
    &UNIT_CHANGED,
    &UNIT_ANNOTATED,
    &BUCKET_REMOVED,
    &BUCKET_ADDED,
    &SERIES_LIMIT_LOWERED,
    &SERIES_LIMIT_RAISED,
    &HELP_CHANGED,
    &SECTION_CHANGED,
    &REQUIREMENT_CHANGED,
    &LABEL_REMOVED,
    &LABEL_RENAMED,
    &LABEL_ADDED,
    &CONDITIONAL_LABEL_ADDED,
    &LABEL_ORDER_CHANGED,
    &LABEL_MADE_CONDITIONAL,
    &LABEL_MADE_REQUIRED,
    &CONDITION_TIGHTENED,
    &CONDITION_LOOSENED,
    &CONDITION_RESPELLED,
    &VALUE_REMOVED,
    &VALUE_RENAMED,
    &VALUE_ADDED,
    &VALUE_ORDER_CHANGED,
    &VALUES_OPENED,
    &VALUES_CLOSED,
    &BUDGET_LOWERED,
    &BUDGET_RAISED,
];

/// Every rule of the comparison: those of the table, then those about the versions and the consumers.
pub(crate) static RULES: [&Rule; TABLE.len() + VERDICTS.len()] = {
    let mut rules = [&TABLE[0].rule; TABLE.len() + VERDICTS.len()];
    let mut at = 0;
    while at < rules.len() {
        rules[at] = if at < TABLE.len() { &TABLE[at].rule } else { VERDICTS[at - TABLE.len()] };
        at += 1;
    }
    rules
};

const fn breaking(rule: Rule) -> Row {
    Row { class: Class::Breaking, rule }
}

const fn compatible(rule: Rule) -> Row {
    Row { class: Class::Compatible, rule }
}

const fn documentation(rule: Rule) -> Row {
    Row { class: Class::Documentation, rule }
}
