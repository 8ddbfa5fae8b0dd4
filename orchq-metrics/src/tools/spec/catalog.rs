//! The rules of the comparison with a document, as they are explained.

use crate::report::finding::{Rule, Severity};

/// Every rule of the comparison with a document.
pub(crate) static RULES: &[&Rule] = &[
    &UNREADABLE,
    &METRIC_UNKNOWN,
    &METRIC_MISSING,
    &METRIC_TWICE,
    &FIELD_MISSING,
    &FIELD_TWICE,
    &FIELD_UNKNOWN,
    &TYPE_DIFFERS,
    &UNIT_DIFFERS,
    &LABEL_UNKNOWN,
    &LABEL_MISSING,
    &LABEL_CONDITIONAL,
    &LABEL_ORDER,
    &VALUES_DIFFER,
    &VALUES_UNSTATED,
    &BUDGET_DIFFERS,
    &CONDITION_DIFFERS,
    &BUCKETS_DIFFER,
    &DESCRIPTION_DIFFERS,
    &REQUIREMENT_DIFFERS,
    &SECTION_DIFFERS,
];

pub(super) static UNREADABLE: Rule = Rule {
    id: "spec-unreadable",
    severity: Severity::Error,
    description: "The document has something that looks like part of a contract and is not in its form, so that nobody \
              can compare it with anything.",
    example: "`- labels: engine (llamacpp|vllm` without the closing parenthesis.",
    help: "write it as `- name` with `- type:`, `- labels:`, `- unit:` and `- description:` below it",
};

pub(super) static METRIC_UNKNOWN: Rule = Rule {
    id: "spec-metric-unknown",
    severity: Severity::Error,
    description: "The document promises a metric that the contract does not have.",
    example: "`- task_started_total` in the document, where the contract has `tasks_started_total`.",
    help: "declare it in the contract, or take it out of the document",
};

pub(super) static METRIC_MISSING: Rule = Rule {
    id: "spec-metric-missing",
    severity: Severity::Error,
    description: "The contract has a metric that the document does not tell of.",
    example: "`vram_used_bytes` is declared, and the document has no item of that name.",
    help: "write it into the document, or take it out of the contract",
};

pub(super) static METRIC_TWICE: Rule = Rule {
    id: "spec-metric-twice",
    severity: Severity::Error,
    description: "The document describes one metric in two places, which can drift apart.",
    example: "`- queue_depth` with its fields under Gauges, and again under Backpressure.",
    help: "describe it once",
};

pub(super) static FIELD_MISSING: Rule = Rule {
    id: "spec-field-missing",
    severity: Severity::Error,
    description: "A metric of the document lacks its type, its labels, its unit or its description.",
    example: "`- queue_depth` without an item `- unit: 1` below it.",
    help: "add the field, with what the contract says",
};

pub(super) static FIELD_TWICE: Rule = Rule {
    id: "spec-field-twice",
    severity: Severity::Error,
    description: "A metric of the document has one field twice.",
    example: "`- unit: 1` and `- unit: ratio` below one name.",
    help: "keep the one that is right",
};

pub(super) static FIELD_UNKNOWN: Rule = Rule {
    id: "spec-field-unknown",
    severity: Severity::Warning,
    description: "A metric of the document has a line that is none of the fields of the form, and was compared with nothing.",
    example: "`- lables: engine` below a name.",
    help: "spell the field as the form does, or move the remark out of the metric",
};

pub(super) static TYPE_DIFFERS: Rule = Rule {
    id: "spec-type-differs",
    severity: Severity::Error,
    description: "The document and the contract give a metric different types.",
    example: "`- type: gauge` at `tokens_in_total`, which is a counter.",
    help: "change the one that is wrong",
};

pub(super) static UNIT_DIFFERS: Rule = Rule {
    id: "spec-unit-differs",
    severity: Severity::Error,
    description: "The document and the contract give a metric different units.",
    example: "`- unit: seconds` at `latency_decode_ms`, which is in milliseconds.",
    help: "change the one that is wrong",
};

pub(super) static LABEL_UNKNOWN: Rule = Rule {
    id: "spec-label-unknown",
    severity: Severity::Error,
    description: "The document promises a label that the contract does not have there.",
    example: "`- labels: engine, pool` at a metric that has `pool_id`.",
    help: "declare the label, or take it out of the document",
};

pub(super) static LABEL_MISSING: Rule = Rule {
    id: "spec-label-missing",
    severity: Severity::Error,
    description: "A metric has a label in the contract that the document does not tell of: a required one belongs into \
              the metric's own list, a conditional one may be told of once for all.",
    example: "`- labels: engine` at a metric that has `engine` and `pool_id`.",
    help: "add the label to the document, or take it out of the contract",
};

pub(super) static LABEL_CONDITIONAL: Rule = Rule {
    id: "spec-label-conditional",
    severity: Severity::Error,
    description: "A label is on every series according to the one, and only where it applies according to the other.",
    example: "`- labels: engine, trtllm_version`, where the contract has the version for Triton alone.",
    help: "move it to the other list, or change the contract",
};

pub(super) static LABEL_ORDER: Rule = Rule {
    id: "spec-label-order",
    severity: Severity::Note,
    description: "The document lists a metric's labels in another order than the contract; to Prometheus it is the same.",
    example: "`- labels: engine, reason` at a metric that has `reason` first.",
    help: "list them in the contract's order, or leave it",
};

pub(super) static VALUES_DIFFER: Rule = Rule {
    id: "spec-values-differ",
    severity: Severity::Error,
    description: "The document lists other values of a label than the contract has.",
    example: "`engine (llamacpp|vllm)`, where the contract has `tgi` and `triton` too.",
    help: "change the one that is wrong",
};

pub(super) static VALUES_UNSTATED: Rule = Rule {
    id: "spec-values-unstated",
    severity: Severity::Note,
    description: "The contract knows all values of a label, and the document names some of them nowhere.",
    example: "`- labels: policy` where the contract has `policy` as `reject` or `drop-lru`.",
    help: "list them in parentheses behind the label",
};

pub(super) static BUDGET_DIFFERS: Rule = Rule {
    id: "spec-budget-differs",
    severity: Severity::Error,
    description: "The document gives a label another budget of values than the contract, or one that is none.",
    example: "`- pool_id: open, budget 100`, where the contract has 256.",
    help: "change the one that is wrong",
};

pub(super) static CONDITION_DIFFERS: Rule = Rule {
    id: "spec-condition-differs",
    severity: Severity::Warning,
    description: "The document and the contract disagree on which series can carry a conditional label.",
    example: "`trtllm_version: open, budget 64, where it applies, only with engine vllm`, where it is `triton`.",
    help: "change the one that is wrong",
};

pub(super) static BUCKETS_DIFFER: Rule = Rule {
    id: "spec-buckets-differ",
    severity: Severity::Error,
    description: "The document lists other bucket bounds of a histogram than the contract has.",
    example: "`- buckets: 5, 10`, where the contract has 5, 10 and 25.",
    help: "change the one that is wrong",
};

pub(super) static DESCRIPTION_DIFFERS: Rule = Rule {
    id: "spec-description-differs",
    severity: Severity::Warning,
    description: "The document describes a metric in other words than its help text.",
    example: "`- description: Queue length.` at a metric that is served with `Current queue length.`",
    help: "use the same words in both",
};

pub(super) static REQUIREMENT_DIFFERS: Rule = Rule {
    id: "spec-requirement-differs",
    severity: Severity::Warning,
    description: "The document and the contract name different requirements that a metric answers.",
    example: "`- requirement: ORCH-7` at a metric that is declared with `ORCH-17`, or with none.",
    help: "name the same in both",
};

pub(super) static SECTION_DIFFERS: Rule = Rule {
    id: "spec-section-differs",
    severity: Severity::Note,
    description: "A metric stands under another heading of the document than the contract gives it.",
    example: "`queue_depth` under Backpressure, where the contract has it under Gauges.",
    help: "move it, or give it the section in the contract",
};
